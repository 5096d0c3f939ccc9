import type { SessionService } from 'nestjs-session-bag';
import { html } from '../html/html.js';
import { button, page } from '../html/page.js';

export function officePage(session: SessionService): string {
  return page(
    'Office',
    html`
      <p>
        A second Nest application. The key is that of the <a href="/user">shop's session</a>; the
        variables are the office's own.
      </p>
      <table>
        <tr>
          <th>key</th>
          <td><code>${session.key || 'nothing is stored yet'}</code></td>
        </tr>
        <tr>
          <th>get('nickname', 'nobody')</th>
          <td>${session.get('nickname', 'nobody')}</td>
        </tr>
        <tr>
          <th>keys()</th>
          <td>${session.keys().join(', ')}</td>
        </tr>
      </table>
      <form method="post" action="/office">
        <label>Nickname in the office <input name="nickname" required maxlength="100" /></label>
        <button>set()</button>
      </form>
      ${button('/office/clear', "clear(): the office's variables")}
      ${button('/office/logout', 'destroy(): log out of both')}
    `,
  );
}
