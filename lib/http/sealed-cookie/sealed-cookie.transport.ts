import { Logger } from '@nestjs/common';
import { Lifetimes } from '../../store/lifetimes.js';
import { RareWarning } from '../../store/rare-warning.js';
import { type Carrier, type ReceivedSession, SessionTransport } from '../session-transport.js';
import { type Envelope, readEnvelope } from './envelope.js';
import { ReceivedEnvelope, type SealedCookieServices } from './received-envelope.js';

/** The cookie holds the session itself, sealed: there is no store. */
export class SealedCookieTransport extends SessionTransport {
  readonly storesInCookie = true;
  readonly #services: SealedCookieServices;
  readonly #lifetimes: Lifetimes;
  readonly #unreadable = new RareWarning(
    'A session cookie cannot be opened: it was changed, or sealed under another name, by another ' +
      'application or with a key that is not given any more. It counts as no session.',
  );

  constructor(services: SealedCookieServices) {
    super();
    const { options, revocations } = services;
    this.#services = {
      ...services,
      options: { ...options, isCarried: true, unreadable: this.#unreadable },
    };
    this.#lifetimes = new Lifetimes(options.lifetime, options.absoluteLifetime);
    if (revocations === undefined) warnOfCopies();
  }

  get endsOnServer(): boolean {
    return this.#services.revocations !== undefined;
  }

  receive(carrier: Carrier): ReceivedSession {
    const { cookieHeader, isSecure } = carrier;
    const reading = this.#services.cookie.readValue(cookieHeader, isSecure);
    if (reading.kind !== 'value') return new ReceivedEnvelope(carrier, this.#services, reading);
    const envelope = this.#open(reading.value, isSecure);
    return new ReceivedEnvelope(
      carrier,
      this.#services,
      envelope ? { kind: 'id', id: envelope.id } : { kind: 'malformed' },
      envelope,
    );
  }

  /** Undefined for what cannot be opened, and for what has ended. */
  #open(sealed: string, isSecure: boolean): Envelope | undefined {
    const { sealing, cookie } = this.#services;
    const text = sealing.open(sealed, cookie.nameFor(isSecure));
    const envelope = text === undefined ? undefined : readEnvelope(text);
    if (envelope === undefined) this.#unreadable.warn();
    return envelope && this.#isLive(envelope) ? envelope : undefined;
  }

  /** Of the end that was issued and the one of today's options, the earlier counts. */
  #isLive({ issuedAt, idleUntil, endsAt }: Envelope): boolean {
    const now = Date.now();
    if (now >= idleUntil || now >= endsAt) return false;
    return !this.#lifetimes.isOver({ createdAt: issuedAt }, now);
  }
}

function warnOfCopies(): void {
  new Logger('SessionModule').warn(
    'Sessions are kept in their cookies only: a logout clears the cookie of the browser that asks, ' +
      'but cannot end a copy that somebody has stolen. To end those too, give the option "revocations".',
  );
}
