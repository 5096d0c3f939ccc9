import { html, type Html } from '../html/html.js';
import { button, page } from '../html/page.js';
import { ARTICLES, type Cart } from './cart.js';

/** Knows nothing of sessions: the bag that it is given serves as a plain object. */
export function cartPage(cart: Partial<Cart>): string {
  const rows = Object.entries(cart).map(([article, count]) => row(article, count));
  return page(
    'Cart',
    html`
      <table>
        <tr>
          <th>Article</th>
          <th>Count</th>
          <th></th>
        </tr>
        ${
          rows.length === 0
            ? html`<tr>
                <td colspan="3">nothing yet</td>
              </tr>`
            : rows
        }
      </table>
      <form method="post" action="/cart/add">
        <label>
          Article
          <select name="article">
            ${Object.keys(ARTICLES).map((article) => html`<option>${article}</option>`)}
          </select>
        </label>
        <button>update(): one more</button>
      </form>
      ${button('/cart/clear', 'clear(): empty the cart')}
      <p>As JSON: <code>${JSON.stringify(cart)}</code></p>
    `,
  );
}

function row(article: string, count: number): Html {
  return html`
    <tr>
      <td>${article}</td>
      <td>${count}</td>
      <td>
        <form method="post" action="/cart/remove">
          <input type="hidden" name="article" value="${article}" />
          <button>delete</button>
        </form>
      </td>
    </tr>
  `;
}
