import { html, type Html } from '../html/html.js';
import { page } from '../html/page.js';

interface Feature {
  readonly path: string;
  readonly title: string;
  readonly shows: string;
  readonly file: string;
}

const FEATURES: readonly Feature[] = [
  {
    path: '/user',
    title: 'Variables',
    shows: 'SessionService: set, get, has, remove, and the end of the session',
    file: 'sample/user/user.controller.ts',
  },
  {
    path: '/cart',
    title: 'A bag',
    shows: "@SessionBag('cart'): a bag that the template takes for a plain object, and update()",
    file: 'sample/cart/cart.controller.ts',
  },
  {
    path: '/wizard',
    title: 'A wizard',
    shows: '@Persistent(): what a controller keeps between the requests of one session',
    file: 'sample/wizard/wizard.controller.ts',
  },
  {
    path: '/account',
    title: 'An account',
    shows: 'login(), SessionRegistry, @RequireRecentLogin(), and a service with a bag of its own',
    file: 'sample/account/account.controller.ts',
  },
  {
    path: '/office',
    title: 'A second application',
    shows: 'uniqueId: another Nest application in the same session, with variables of its own',
    file: 'sample/office/office.controller.ts',
  },
];

export function homePage(): string {
  return page(
    'Sessions, to be clicked through',
    html`
      <p>This page uses no session: it costs no store call and sends no cookie. The others do.</p>
      <ul class="cards">
        ${FEATURES.map(card)}
      </ul>
      <h2>Begin here</h2>
      <form method="post" action="/user">
        <label>Nickname <input name="nickname" required maxlength="100" /></label>
        <label>Lucky number <input name="luckyNumber" type="number" required value="7" /></label>
        <button>Store both</button>
      </form>
      <form method="post" action="/cart/add">
        <input type="hidden" name="article" value="apple" />
        <button>Put an apple into the cart</button>
      </form>
      <p class="quiet">
        Start the sample with <code>PLATFORM=fastify</code> for the other platform, and with
        <code>STORE=sqlite</code> for the adapter in <code>sample/stores/sqlite.adapter.ts</code>,
        which keeps sessions beyond a restart.
      </p>
    `,
  );
}

function card({ path, title, shows, file }: Feature): Html {
  return html`
    <li>
      <a href="${path}">${title}</a>
      <span>${shows}</span>
      <code>${file}</code>
    </li>
  `;
}
