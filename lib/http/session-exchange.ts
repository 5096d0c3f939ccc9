import { SessionConflictException } from '../exceptions/session.exceptions.js';
import type { PreviousSession } from '../interfaces/session-predecessor.interface.js';
import { type ActiveExchange, exchangeStorage } from '../session.context.js';
import type { SessionSettings } from '../session.options.js';
import type { SessionHost } from '../session-guard.js';
import { SessionService } from '../session.service.js';
import { SessionLife } from '../store/session-life.js';
import { readCookie } from './cookie-header.js';
import type { SessionCookie } from './session-cookie.js';
import type { Carrier, ReceivedSession, SessionTransport } from './session-transport.js';
import { takeOver } from './take-over.js';

/** What all exchanges of an application share. */
export interface SessionServices {
  readonly transport: SessionTransport;
  readonly cookie: SessionCookie;
  readonly settings: SessionSettings;
  /** Says once that a request came with two different session cookies. */
  warnOfTwoCookies(cookieName: string): void;
}

/**
 * The session that came with a request's cookie, from its first use until its last change is
 * committed. Nothing is made or looked at where no session is used.
 */
export abstract class SessionExchange implements ActiveExchange, SessionHost, Carrier {
  abstract readonly label: string;
  abstract readonly cookieHeader: string | undefined;
  abstract readonly isSecure: boolean;
  abstract readonly areHeadersSent: boolean;
  abstract readonly keepsProviders: boolean;
  readonly #services: SessionServices;
  #life: SessionLife | undefined;
  #session: SessionService | undefined;
  #received: ReceivedSession | undefined;
  #isEnded = false;
  /** Whether the previous session has ended, so that its cookie is of no use. */
  #hasEndedPrevious = false;

  constructor(services: SessionServices) {
    this.#services = services;
  }

  get session(): SessionService {
    return (this.#session ??= this.#createSession());
  }

  get cookieName(): string {
    return this.#services.cookie.nameFor(this.isSecure);
  }

  get clientId(): string | undefined {
    const { reading } = this.received;
    return reading.kind === 'id' ? reading.id : undefined;
  }

  get storesInCookie(): boolean {
    return this.#services.transport.storesInCookie;
  }

  get endsOnServer(): boolean {
    return this.#services.transport.endsOnServer;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isStored(): boolean {
    return this.#life?.isStored ?? false;
  }

  /** Whether the session was started. */
  get isUsed(): boolean {
    return this.#session?.isStarted === true;
  }

  assertMayBegin(): void {
    if (this.received.reading.kind !== 'ambiguous') return;
    this.#services.warnOfTwoCookies(this.cookieName);
    throw new SessionConflictException(
      `The request has two different cookies named "${this.cookieName}", so it cannot be told which ` +
        'session is meant and none can be started. Remove the cookie that another path or domain set.',
    );
  }

  abstract assertMaySendCookie(operation: string): void;

  async takeOver(): Promise<void> {
    const previous = this.#previous;
    if (previous === undefined || this.areHeadersSent) return;
    // Whoever has a session of ours goes on with that; if this fails, the next request tries again.
    if (this.isStored) return this.endPrevious().catch(() => undefined);
    const { settings } = this.#services;
    await takeOver(previous, { life: this.life, claims: this.received.store.claims, settings });
    this.#hasEndedPrevious = true;
  }

  async endPrevious(): Promise<void> {
    if (this.#hasEndedPrevious) return;
    await this.#previous?.end();
    this.#hasEndedPrevious = true;
  }

  /** Runs work as a part of this exchange, whoever sets it off. */
  run<T>(work: () => T): T {
    return exchangeStorage.getStore() === this ? work() : exchangeStorage.run(this, work);
  }

  hasChanges(): boolean {
    const life = this.#life;
    return life !== undefined && this.run(() => life.hasChanges(this.tellsId));
  }

  commit(): Promise<void> {
    return this.life.commit(this.tellsId);
  }

  /** It is over, and its changes are committed or lost with an error. */
  onEnded(): void {
    this.#isEnded = true;
  }

  /** Whether the client hears from the answer which id it has. */
  protected get tellsId(): boolean {
    return !this.areHeadersSent;
  }

  /** Called once, before anybody can have the session. */
  protected onFirstUse(): void {}

  protected get life(): SessionLife {
    const { scope } = this.#services.settings;
    return (this.#life ??= new SessionLife(this.received.store, scope, (work) => this.run(work)));
  }

  /** Clears the cookie of the previous session, where that has ended. */
  protected get clearedPrevious(): string | undefined {
    return this.#hasEndedPrevious ? this.#previous?.clearedCookie : undefined;
  }

  /** The previous session that the request came with, unless it is ambiguous which. */
  get #previous(): PreviousSession | undefined {
    const { takeOver: predecessor } = this.#services.settings;
    if (predecessor === undefined) return undefined;
    if (this.received.reading.kind === 'ambiguous') return undefined;
    const [value, ...others] = readCookie(this.cookieHeader, predecessor.cookieName);
    if (value === undefined || others.length > 0) return undefined;
    return predecessor.find(value);
  }

  protected get received(): ReceivedSession {
    return (this.#received ??= this.#receive());
  }

  #createSession(): SessionService {
    this.onFirstUse();
    return new SessionService(this.life, this, this.#services.settings);
  }

  #receive(): ReceivedSession {
    const received = this.#services.transport.receive(this);
    const { kind } = received.reading;
    const { observer } = received.store;
    if (kind !== 'none' && kind !== 'id' && observer.hears('rejected')) {
      const reason = kind === 'malformed' ? 'malformed-cookie' : 'ambiguous-cookies';
      observer.tell('rejected', { reason });
    }
    return received;
  }
}
