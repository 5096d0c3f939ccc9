import type { SessionInfo } from 'nestjs-session-bag';
import { html, type Html } from '../html/html.js';
import { button, page } from '../html/page.js';
import { CODE } from './security.js';

export function loginPage(failures: number): string {
  return page(
    'Account',
    html`
      <p>Nobody is logged in. The code of every account is ${CODE}.</p>
      ${failures > 0 ? html`<p><strong>Wrong codes so far: ${failures}</strong></p>` : undefined}
      <form method="post" action="/account/login">
        <label>Name <input name="owner" required maxlength="100" /></label>
        <label>Code <input name="code" type="password" required maxlength="100" /></label>
        <button>login()</button>
      </form>
    `,
  );
}

export function accountPage(owner: string, key: string, sessions: readonly SessionInfo[]): string {
  return page(
    'Account',
    html`
      <p>
        Logged in as <strong>${owner}</strong>. Log in with another browser to see it here, too.
      </p>
      <table>
        <tr>
          <th>Device</th>
          <th>Logged in</th>
          <th></th>
        </tr>
        ${sessions.map((session) => row(session, session.key === key))}
      </table>
      ${button('/account/revoke-others', 'revokeAll(): end the others')}
      ${button('/account/logout', 'logout()')}
      <p><a href="/account/address">Change the address</a>: within a minute of the login only.</p>
    `,
  );
}

export function addressPage(): string {
  return page('Address', html`<p>The login is recent, so the address might be changed here.</p>`);
}

function row({ key, loggedInAt, info }: SessionInfo, isThis: boolean): Html {
  return html`
    <tr>
      <td>${info['device']}</td>
      <td>${loggedInAt.toISOString()}</td>
      <td>${isThis ? 'this browser' : revokeForm(key)}</td>
    </tr>
  `;
}

function revokeForm(key: string): Html {
  return html`
    <form method="post" action="/account/revoke">
      <input type="hidden" name="key" value="${key}" />
      <button>revoke()</button>
    </form>
  `;
}
