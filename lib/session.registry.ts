import { Injectable } from '@nestjs/common';
import type { SessionInfo } from './interfaces/session-info.interface.js';
import type { OwnedSession } from './store/owned-sessions.js';
import { SessionStore } from './store/session-store.js';

/**
 * The sessions of those who are logged in, on every store. A store that evicts records under
 * pressure (memcached, Redis with an eviction policy) may lose an owner's list: the sessions on it
 * live on, but are no longer found here.
 *
 * @publicApi
 */
@Injectable()
export class SessionRegistry {
  readonly #store: SessionStore;

  constructor(store: SessionStore) {
    this.#store = store;
  }

  /**
   * The owner's sessions that live, oldest login first. It extends nobody's life.
   *
   * @throws SessionStoreUnavailableException
   */
  async list(owner: string): Promise<SessionInfo[]> {
    const sessions = await this.#store.owned.list(owner);
    return sessions.map((session) => this.#info(session));
  }

  /**
   * Ends one session of this owner.
   *
   * @param key as `list` and `SessionService.key` give it
   * @returns false when it is not one of this owner's
   * @throws SessionStoreUnavailableException
   */
  revoke(owner: string, key: string): Promise<boolean> {
    return this.#store.owned.revoke(owner, key);
  }

  /**
   * Ends all sessions of this owner, logins that are under way included.
   *
   * @param options `except`: the key of a session that stays
   * @returns how many were ended
   * @throws SessionStoreUnavailableException
   */
  revokeAll(
    owner: string,
    options: { readonly except?: string | undefined } = {},
  ): Promise<number> {
    return this.#store.owned.revokeAll(owner, options.except);
  }

  #info({ entry, snapshot }: OwnedSession): SessionInfo {
    const end = this.#store.lifetimes.endOf(snapshot.record);
    return {
      key: entry.key,
      createdAt: new Date(entry.createdAt),
      loggedInAt: new Date(entry.loggedInAt),
      expiresAt: Number.isFinite(end) ? new Date(end) : undefined,
      info: entry.info ?? {},
    };
  }
}
