import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionHeadersSentException } from '../exceptions/session.exceptions.js';
import { FRESH_MS } from '../store/left-marks.js';
import { addVaryCookie, askToRetry, forbidCaching } from './cache-headers.js';
import { isSecure, type PlatformRequest } from './connection.js';
import type { GatedExchange } from './gate/gated-exchange.js';
import type { GateSlot } from './gate/gate-slot.js';
import { requestRoute } from './request-route.js';
import { offerRequestSession } from './request-session.js';
import type { ResponseGates } from './response-gates.js';
import { SessionExchange, type SessionServices } from './session-exchange.js';

/** What all HTTP exchanges of an application share. */
export interface ExchangeServices extends SessionServices {
  readonly gates: ResponseGates;
  /** Says once that a proxy's word is not taken, if that is so with this request. */
  warnOfUntrustedProxy(request: PlatformRequest): void;
}

/** Routers change `url` on the way. */
interface RoutedRequest extends IncomingMessage {
  readonly originalUrl?: string;
}

/**
 * One request and its response. Nothing is made or looked at for a request that uses no session.
 */
export class Exchange extends SessionExchange implements GatedExchange {
  readonly keepsProviders = false;
  readonly #request: IncomingMessage;
  readonly #asPlatformHasIt: PlatformRequest;
  readonly #services: ExchangeServices;
  readonly #gateSlot: GateSlot;
  #areHeadersSent = false;
  /** When the session was read, by `performance.now()`, as long as nobody has looked at it since. */
  #readAt = Number.POSITIVE_INFINITY;
  /** The id of which the store has not said whether it still is the session's. */
  #idInDoubt: string | undefined;

  /** @param asPlatformHasIt the same request, where the platform has one around it */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    asPlatformHasIt: PlatformRequest,
    services: ExchangeServices,
  ) {
    super(services);
    this.#request = request;
    this.#asPlatformHasIt = asPlatformHasIt;
    this.#services = services;
    this.#gateSlot = services.gates.admit(response, this);
  }

  /** The method and the path, without the query. */
  get label(): string {
    const { method = '', url = '', originalUrl = url } = this.#request as RoutedRequest;
    return `${method} ${originalUrl.split('?', 1)[0]}`;
  }

  get route(): string {
    return requestRoute(this.#request, this.#asPlatformHasIt);
  }

  get cookieHeader(): string | undefined {
    return this.#request.headers.cookie;
  }

  get isSecure(): boolean {
    return isSecure(this.#asPlatformHasIt);
  }

  get areHeadersSent(): boolean {
    return this.#areHeadersSent;
  }

  assertMaySendCookie(operation: string): void {
    if (this.#areHeadersSent) throw new SessionHeadersSentException(operation);
  }

  assertClientIsThere(operation: string): void {
    if (!this.#request.socket.destroyed) return;
    throw new SessionHeadersSentException(operation, 'the client of this request has gone.');
  }

  /** Starts the session and puts an object of express-session's shape on the request. */
  async startOnRequest(): Promise<void> {
    await this.session.start();
    const { settings } = this.#services;
    offerRequestSession(this.session, {
      request: this.#request,
      reload: () => this.life.reload(),
      cookieFacts: {
        options: settings.cookie,
        isSecure: this.isSecure,
        maxAge: () => (this.#outlivesBrowser ? this.life.ttl * 1000 : null),
      },
    });
  }

  onStarted(): void {
    this.#readAt = performance.now();
  }

  /** An answer that sends the cookie once more waits until it is known that it may. */
  override hasChanges(): boolean {
    return super.hasChanges() || this.#isCookieToConfirm;
  }

  override commit(): Promise<void> {
    if (this.#isCookieToConfirm && !super.hasChanges()) return this.#confirmCookie();
    this.#readAt = Number.POSITIVE_INFINITY;
    return super.commit();
  }

  writeHeaders(response: ServerResponse): void {
    if (response.statusCode === 503 && this.life.hasStoreFailed) askToRetry(response);
    if (!this.isUsed) return;
    addVaryCookie(response);
    // Ours comes last: it may have the same name, and of two the browser keeps the later one.
    sendCookie(response, this.clearedPrevious);
    sendCookie(response, this.#cookieToSend());
  }

  onHeadersSent(): void {
    this.#areHeadersSent = true;
  }

  protected override get tellsId(): boolean {
    return super.tellsId && !this.#request.socket.destroyed;
  }

  /** Whoever has the session may change it, so that from now on the answer waits for that. */
  protected override onFirstUse(): void {
    this.#gateSlot.close(this);
  }

  /** Of two different ones it cannot be told which is ours to clear. */
  get #hasOneCookie(): boolean {
    const { kind } = this.received.reading;
    return kind === 'id' || kind === 'malformed';
  }

  get #outlivesBrowser(): boolean {
    const { clearWithBrowser } = this.#services.settings;
    return !clearWithBrowser || this.life.facts.lifetime !== undefined;
  }

  /**
   * Whether the session was read so long ago that another process may have ended it since, or given
   * it a new id. Then a cookie that is sent for its later end alone must not replace a newer one in
   * the browser.
   */
  get #isCookieToConfirm(): boolean {
    if (performance.now() - this.#readAt <= FRESH_MS || !this.tellsId) return false;
    const { life } = this;
    return life.isStored && this.received.isRefreshed(life, this.#outlivesBrowser);
  }

  /** A store that does not answer says nothing: the browser keeps what it has. */
  async #confirmCookie(): Promise<void> {
    this.#readAt = Number.POSITIVE_INFINITY;
    const { id } = this.life;
    await this.life.confirmId(FRESH_MS).catch(() => void (this.#idInDoubt = id));
  }

  /** A session that ended under this request sends none: the browser may hold a newer one. */
  #cookieToSend(): string | undefined {
    const life = this.life;
    const { cookie } = this.#services;
    if (life.isGone || life.isIdOutdated || life.id === this.#idInDoubt) return undefined;
    if (!life.isStored) {
      const isToClear = life.isDestroyed && this.#hasOneCookie;
      return isToClear ? cookie.serializeCleared(this.isSecure) : undefined;
    }
    const outlivesBrowser = this.#outlivesBrowser;
    const value = this.received.cookieValue(life, outlivesBrowser);
    if (value === undefined) return undefined;
    this.#services.warnOfUntrustedProxy(this.#asPlatformHasIt);
    return cookie.serialize(value, this.isSecure, outlivesBrowser ? life.ttl : undefined);
  }
}

function sendCookie(response: ServerResponse, cookie: string | undefined): void {
  if (cookie === undefined) return;
  response.appendHeader('Set-Cookie', cookie);
  forbidCaching(response);
}
