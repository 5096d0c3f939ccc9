import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { SessionHeadersSentException } from '../../lib/exceptions/session.exceptions.js';
import type { SessionHost } from '../../lib/session-guard.js';
import { type SessionRules, SessionService } from '../../lib/session.service.js';
import { SessionLife } from '../../lib/store/session-life.js';
import { SessionStore, type SessionStoreOptions } from '../../lib/store/session-store.js';
import { stoppedAtLast } from './stopped-stores.js';

export interface UnitSessionOptions extends Partial<SessionStoreOptions>, Partial<SessionRules> {}

/** What a session may know of its request, changeable while it runs. */
export type TestHost = { -readonly [Fact in keyof SessionHost]: SessionHost[Fact] };

/** Sessions as one process of an application has them, without HTTP. */
export class UnitSessions {
  readonly store: SessionStore;
  readonly #rules: SessionRules;

  constructor(adapter: SessionAdapter, options: UnitSessionOptions = {}) {
    const store = new SessionStore(adapter, {
      prefix: 'sess:',
      lifetime: 3600,
      absoluteLifetime: 86_400,
      storeTimeout: 2000,
      whenOwnerIsFull: 'evict-oldest',
      ...options,
    });
    this.store = stoppedAtLast(store);
    this.#rules = { scope: '', absoluteLifetime: 86_400, ...options };
  }

  /** The session of a request that comes with this id; not started. */
  request(clientId?: string, host: Partial<TestHost> = {}): SessionService {
    return new SessionService(
      new SessionLife(this.store, this.#rules.scope),
      testHost(clientId, host),
      this.#rules,
    );
  }

  /** The same, started. */
  open(clientId?: string, host: Partial<TestHost> = {}): Promise<SessionService> {
    return this.request(clientId, host).start();
  }

  /** A session that is stored with these variables. */
  async stored(variables: Record<string, unknown> = {}): Promise<SessionService> {
    const session = await this.open();
    session.set('stored', true);
    for (const [name, value] of Object.entries(variables)) session.set(name, value);
    await session.save();
    return session;
  }
}

function testHost(clientId: string | undefined, host: Partial<TestHost>): SessionHost {
  return Object.assign(host, {
    cookieName: 'sid',
    clientId,
    areHeadersSent: host.areHeadersSent ?? false,
    isEnded: host.isEnded ?? false,
    storesInCookie: host.storesInCookie ?? false,
    endsOnServer: host.endsOnServer ?? true,
    assertMayBegin: host.assertMayBegin ?? (() => undefined),
    assertMaySendCookie(operation: string): void {
      if (host.areHeadersSent) throw new SessionHeadersSentException(operation);
    },
  });
}
