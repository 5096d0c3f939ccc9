import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionConflictException } from '../exceptions/session.exceptions.js';
import type { ActiveExchange } from '../session.context.js';
import type { SessionSettings } from '../session.options.js';
import type { SessionHost } from '../session-guard.js';
import { SessionService } from '../session.service.js';
import { SessionLife } from '../store/session-life.js';
import { forbidCaching, addVaryCookie } from './cache-headers.js';
import { isSecure } from './connection.js';
import { offerRequestSession } from './request-session.js';
import type { GatedExchange } from './response-gate.js';
import type { SessionCookie } from './session-cookie.js';
import type { Carrier, ReceivedSession, SessionTransport } from './session-transport.js';

/** What all exchanges of an application share. */
export interface ExchangeServices {
  readonly transport: SessionTransport;
  readonly cookie: SessionCookie;
  readonly settings: SessionSettings;
  /** Says once that a request came with two different session cookies. */
  warnOfTwoCookies(cookieName: string): void;
  /** Says once that a proxy's word is not taken, if that is so with this request. */
  warnOfUntrustedProxy(request: IncomingMessage): void;
}

/**
 * One request and its response. Nothing is made or looked at for a request that uses no session.
 */
export class Exchange implements ActiveExchange, SessionHost, GatedExchange, Carrier {
  readonly #request: IncomingMessage;
  readonly #services: ExchangeServices;
  #life: SessionLife | undefined;
  #session: SessionService | undefined;
  #received: ReceivedSession | undefined;
  #areHeadersSent = false;
  #isEnded = false;

  constructor(request: IncomingMessage, services: ExchangeServices) {
    this.#request = request;
    this.#services = services;
  }

  get session(): SessionService {
    return (this.#session ??= new SessionService(
      this.#lifeOfSession,
      this,
      this.#services.settings,
    ));
  }

  get cookieName(): string {
    return this.#services.cookie.nameFor(this.isSecure);
  }

  get cookieHeader(): string | undefined {
    return this.#request.headers.cookie;
  }

  get isSecure(): boolean {
    return isSecure(this.#request);
  }

  get clientId(): string | undefined {
    const { reading } = this.#receivedSession;
    return reading.kind === 'id' ? reading.id : undefined;
  }

  get storesInCookie(): boolean {
    return this.#services.transport.storesInCookie;
  }

  get endsOnServer(): boolean {
    return this.#services.transport.endsOnServer;
  }

  get areHeadersSent(): boolean {
    return this.#areHeadersSent;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isStored(): boolean {
    return this.#life?.isStored ?? false;
  }

  assertMayBegin(): void {
    if (this.#receivedSession.reading.kind !== 'ambiguous') return;
    this.#services.warnOfTwoCookies(this.cookieName);
    throw new SessionConflictException(
      `The request has two different cookies named "${this.cookieName}", so it cannot be told which ` +
        'session is meant and none can be started. Remove the cookie that another path or domain set.',
    );
  }

  /** Starts the session and puts an object of express-session's shape on the request. */
  async startOnRequest(): Promise<void> {
    await this.session.start();
    const { settings } = this.#services;
    offerRequestSession(this.session, {
      request: this.#request,
      reload: () => this.#lifeOfSession.reload(),
      cookieFacts: {
        options: settings.cookie,
        isSecure: this.isSecure,
        maxAge: () => (this.#outlivesBrowser ? this.#lifeOfSession.ttl * 1000 : null),
      },
    });
  }

  hasChanges(): boolean {
    return this.#life?.hasChanges() ?? false;
  }

  async commit(): Promise<void> {
    await this.#life?.commit();
  }

  writeHeaders(response: ServerResponse): void {
    if (this.#session?.isStarted !== true) return;
    addVaryCookie(response);
    const cookie = this.#cookieToSend();
    if (cookie === undefined) return;
    response.appendHeader('Set-Cookie', cookie);
    forbidCaching(response);
  }

  onHeadersSent(): void {
    this.#areHeadersSent = true;
  }

  onEnded(): void {
    this.#isEnded = true;
  }

  get #lifeOfSession(): SessionLife {
    const { scope } = this.#services.settings;
    return (this.#life ??= new SessionLife(this.#receivedSession.store, scope));
  }

  get #receivedSession(): ReceivedSession {
    return (this.#received ??= this.#services.transport.receive(this));
  }

  /** Of two different ones it cannot be told which is ours to clear. */
  get #hasOneCookie(): boolean {
    const { kind } = this.#receivedSession.reading;
    return kind === 'id' || kind === 'malformed';
  }

  get #outlivesBrowser(): boolean {
    const { clearWithBrowser } = this.#services.settings;
    return !clearWithBrowser || this.#lifeOfSession.facts.lifetime !== undefined;
  }

  /** A session that ended under this request sends none: the browser may hold a newer one. */
  #cookieToSend(): string | undefined {
    const life = this.#lifeOfSession;
    const { cookie } = this.#services;
    const secure = this.isSecure;
    if (life.isGone) return undefined;
    if (!life.isStored) {
      return life.isDestroyed && this.#hasOneCookie ? cookie.serializeCleared(secure) : undefined;
    }
    const outlivesBrowser = this.#outlivesBrowser;
    const value = this.#receivedSession.cookieValue(life, outlivesBrowser);
    if (value === undefined) return undefined;
    this.#services.warnOfUntrustedProxy(this.#request);
    return cookie.serialize(value, secure, outlivesBrowser ? life.ttl : undefined);
  }
}
