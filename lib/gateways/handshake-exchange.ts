import { SessionHeadersSentException } from '../exceptions/session.exceptions.js';
import { SessionExchange, type SessionServices } from '../http/session-exchange.js';

/** What the handshake of a connection says of its session. */
export interface HandshakeCookies {
  readonly cookieHeader: string | undefined;
  /** Whether the client came over https. */
  readonly isSecure: boolean;
  /** Whether request-scoped providers stay for all messages of the connection. */
  readonly keepsProviders: boolean;
}

/** A session that lives, as far as its connections care. */
export interface FoundSession {
  readonly id: string;
  readonly key: string;
  /** When it ends at the latest if it is not used again, in milliseconds since 1970. */
  readonly expiresAt: number;
}

const NO_ANSWER =
  'a socket has no answer to send it with: its handshake is over. Do it in an HTTP request, then ' +
  'let the client connect again.';

/** One message that came over a connection, with the session of the connection's handshake. */
export class HandshakeExchange extends SessionExchange {
  readonly label = 'message of a connection';
  readonly cookieHeader: string | undefined;
  readonly isSecure: boolean;
  readonly keepsProviders: boolean;
  readonly areHeadersSent = true;
  #committed: Promise<void> = Promise.resolve();

  constructor(
    readonly cookies: HandshakeCookies,
    services: SessionServices,
  ) {
    super(services);
    this.cookieHeader = cookies.cookieHeader;
    this.isSecure = cookies.isSecure;
    this.keepsProviders = cookies.keepsProviders;
  }

  /** The session that was started here; undefined when it has ended, or was not found. */
  get found(): FoundSession | undefined {
    return this.isStored ? this.life : undefined;
  }

  /** Whether the session ended while the message was at work. */
  get isGone(): boolean {
    return this.life.isGone;
  }

  assertMaySendCookie(operation: string): never {
    throw new SessionHeadersSentException(operation, NO_ANSWER);
  }

  /**
   * The session as the store has it now, without extending its life.
   *
   * @throws SessionStoreUnavailableException
   */
  async peek(): Promise<FoundSession | undefined> {
    if (this.clientId === undefined) return undefined;
    const { store } = this.received;
    const session = await store.peek(this.clientId);
    if (session === undefined) return undefined;
    const { key, record } = session.snapshot;
    return { id: session.id, key, expiresAt: store.lifetimes.expiresAt(record, Date.now()) };
  }

  /**
   * Commits what there is to commit, if anything: a message may use no session at all. After a commit
   * that failed no other is tried: what the client was told would not be true.
   */
  override commit(): Promise<void> {
    this.#committed = this.#committed.then(() => (this.hasChanges() ? super.commit() : undefined));
    return this.#committed;
  }

  /**
   * Commits what has not been committed; afterwards nothing can be written.
   *
   * @throws SessionConflictException, SessionStoreUnavailableException, SessionSerializationException
   */
  async finish(): Promise<void> {
    try {
      await this.commit();
    } finally {
      this.onEnded();
    }
    // What was written while the store answered.
    await this.commit();
  }
}
