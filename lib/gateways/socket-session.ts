import { sessionKey } from '../record/ids.js';
import { exchangeStorage } from '../session.context.js';
import type { SessionSettings } from '../session.options.js';
import type { EndListener, SessionEnds } from '../store/session-ends.js';
import {
  type FoundSession,
  type HandshakeCookies,
  HandshakeExchange,
} from './handshake-exchange.js';
import type { HandshakeRuns } from './handshake-runs.js';
import type { SocketWatch, Watched } from './socket-watch.js';

/** What the sockets of an application share. */
export interface SocketServices {
  readonly runs: HandshakeRuns;
  readonly ends: SessionEnds;
  readonly watch: SocketWatch;
  readonly settings: SessionSettings;
}

/** Milliseconds after which it is looked whether a quiet socket's session lives. */
const CHECK_MS = 10_000;

/** The session of one connected socket, and its end, which is the end of the connection. */
export class SocketSession implements HandshakeCookies, EndListener, Watched {
  /** Empty for a socket whose handshake has brought no session. */
  key = '';
  checkAt = 0;
  cookieHeader: string | undefined;
  readonly isSecure: boolean;
  readonly keepsProviders = true;
  readonly #services: SocketServices;
  readonly #disconnect: () => void;
  /** Whether the session was ever found: a cookie that opens nothing has no session that ends. */
  #wasAlive = false;
  #isOver = false;
  #isClosed = false;
  /** The message that has ended the session, or noticed it: it is answered first. */
  #last: HandshakeExchange | undefined;

  /** @param disconnect ends the connection, after what was sent before */
  constructor(cookies: HandshakeCookies, services: SocketServices, disconnect: () => void) {
    this.cookieHeader = cookies.cookieHeader;
    this.isSecure = cookies.isSecure;
    this.#services = services;
    this.#disconnect = disconnect;
    const { clientId } = this.begin();
    if (clientId === undefined) return;
    this.key = sessionKey(services.settings.prefix, clientId);
    this.#checkBefore(Date.now() + services.settings.lifetime * 1000);
    services.ends.watch(this);
    services.watch.add(this);
  }

  /** The connection is over. */
  close(): void {
    this.#isClosed = true;
    this.#services.ends.unwatch(this);
    this.#services.watch.delete(this);
  }

  /** An exchange for one message. */
  begin(): HandshakeExchange {
    return this.#services.runs.begin(this);
  }

  /** A message is over: what it has found is known from now on. */
  onFinished(exchange: HandshakeExchange): void {
    if (!exchange.isUsed || this.#isOver) return;
    if (exchange.found) this.#onFound(exchange, exchange.found);
    else if (this.#wasAlive || exchange.isGone) this.#endAfter(exchange);
  }

  /** What a message has to say is on its way to the client. */
  onAnswered(exchange: HandshakeExchange): void {
    if (this.#last === exchange) setImmediate(this.#disconnect);
  }

  /** This process has ended the session. The message that did so is answered still. */
  onEnd(): void {
    const active = exchangeStorage.getStore();
    if (active instanceof HandshakeExchange && active.cookies === this) this.#endAfter(active);
    else this.#end();
  }

  /** Looks whether the session lives, for those that others end. It extends nobody's life. */
  async check(): Promise<void> {
    if (this.#isOver) return this.#end();
    const exchange = this.begin();
    try {
      const found = await exchange.peek();
      if (this.#isOver) return;
      if (found) this.#onFound(exchange, found);
      else if (this.#wasAlive) this.#end();
      else this.#services.watch.delete(this);
    } catch {
      // A store that does not answer says nothing of the session.
      this.checkAt = Date.now() + CHECK_MS;
    }
  }

  #onFound(
    { clientId, cookieName }: HandshakeExchange,
    { id, key, expiresAt }: FoundSession,
  ): void {
    this.#wasAlive = true;
    this.#checkBefore(expiresAt);
    if (id === clientId || this.#isClosed) return;
    // The id was renewed, and the old one leads on for a moment only.
    this.cookieHeader = `${cookieName}=${id}`;
    this.#services.ends.unwatch(this);
    this.key = key;
    this.#services.ends.watch(this);
  }

  #checkBefore(expiresAt: number): void {
    const now = Date.now();
    this.checkAt = now + Math.min(CHECK_MS, (expiresAt - now) / 2);
  }

  #endAfter(exchange: HandshakeExchange): void {
    this.#isOver = true;
    this.#last = exchange;
    // The connection does not wait for ever for that message's answer.
    this.checkAt = Date.now() + CHECK_MS;
  }

  #end(): void {
    this.#isOver = true;
    this.#disconnect();
  }
}
