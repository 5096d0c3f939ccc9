import type { SessionService } from 'nestjs-session-bag';
import { html } from '../html/html.js';
import { button, page } from '../html/page.js';

export function userPage(session: SessionService): string {
  return page(
    'Variables',
    html`
      <table>
        <tr>
          <th>get('nickname', 'nobody')</th>
          <td>${session.get('nickname', 'nobody')}</td>
        </tr>
        <tr>
          <th>has('luckyNumber')</th>
          <td>${session.has('luckyNumber') ? 'yes' : 'no'}</td>
        </tr>
        <tr>
          <th>get('luckyNumber')</th>
          <td>${session.get('luckyNumber')}</td>
        </tr>
        <tr>
          <th>keys()</th>
          <td>${session.keys().join(', ')}</td>
        </tr>
        <tr>
          <th>isNew</th>
          <td>${session.isNew ? 'yes' : 'no'}</td>
        </tr>
        <tr>
          <th>key, where the store keeps it</th>
          <td><code>${session.key || 'nothing is stored yet'}</code></td>
        </tr>
        <tr>
          <th>expiresAt, if nothing follows</th>
          <td>${session.expiresAt?.toISOString()}</td>
        </tr>
      </table>
      <form method="post" action="/user">
        <label>Nickname <input name="nickname" required maxlength="100" /></label>
        <label>Lucky number <input name="luckyNumber" type="number" required /></label>
        <button>set()</button>
      </form>
      ${button('/user/remove', "remove('luckyNumber')")}
      ${button('/user/logout', 'destroy(): log out')}
    `,
  );
}
