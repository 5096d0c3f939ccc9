import { SessionSerializationException } from '../../exceptions/session.exceptions.js';
import { sessionKey } from '../../record/ids.js';
import type { Sealing } from '../../record/sealing.js';
import type { SessionLife } from '../../store/session-life.js';
import { SessionStore, type SessionStoreOptions } from '../../store/session-store.js';
import type { CookieReading, SessionCookie } from '../session-cookie.js';
import type { Carrier, ReceivedSession } from '../session-transport.js';
import { CarriedRecords } from './carried-records.js';
import { type Envelope, envelopeSize, writeEnvelope } from './envelope.js';
import type { Revocations } from './revocations.js';

/** What all exchanges of an application share. */
export interface SealedCookieServices {
  readonly cookie: SessionCookie;
  readonly sealing: Sealing;
  readonly options: SessionStoreOptions;
  /** Where sessions are ended; undefined where nothing but the clock ends a copy. */
  readonly revocations: Revocations | undefined;
}

/** What every browser keeps of one cookie: name, value and attributes together. */
const LARGEST_COOKIE = 4096;
/** The share of its idle life after which a session that was only read is sent anew. */
const RESENT_AFTER = 0.1;

/** The session of one request that came in its cookie, or goes out in one. */
export class ReceivedEnvelope implements ReceivedSession {
  readonly store: SessionStore;
  readonly #carrier: Carrier;
  readonly #services: SealedCookieServices;
  readonly #envelope: Envelope | undefined;
  readonly #records: CarriedRecords;

  constructor(
    carrier: Carrier,
    services: SealedCookieServices,
    readonly reading: CookieReading,
    envelope?: Envelope,
  ) {
    const { options, revocations } = services;
    this.#carrier = carrier;
    this.#services = services;
    this.#envelope = envelope;
    this.#records = new CarriedRecords(revocations, (data) => this.#assertCarriable(data));
    this.store = new SessionStore(this.#records, options);
    if (envelope) this.#handOver(envelope);
  }

  cookieValue(life: SessionLife): string | undefined {
    const data = this.#records.dataOf(life.key);
    if (data === undefined || this.#isKnown(life, data)) return undefined;
    const envelope = this.#envelopeOf(life, data);
    this.#handOver(envelope);
    const { cookie, sealing } = this.#services;
    return sealing.seal(writeEnvelope(envelope), cookie.nameFor(this.#carrier.isSecure));
  }

  /** Without revocations nobody could say that it has ended. */
  isRefreshed(life: SessionLife): boolean {
    if (this.#services.revocations === undefined) return false;
    const data = this.#records.dataOf(life.key);
    return data !== undefined && this.#isSame(life, data) && !this.#isKnown(life, data);
  }

  #isSame({ id }: SessionLife, data: string): boolean {
    return this.#envelope?.id === id && this.#envelope.data === data;
  }

  /** Whether the client has this, and has it for long enough. */
  #isKnown(life: SessionLife, data: string): boolean {
    const known = this.#envelope;
    if (known === undefined || !this.#isSame(life, data)) return false;
    const { ttl } = life;
    return Date.now() + ttl * 1000 - known.idleUntil < ttl * 1000 * RESENT_AFTER;
  }

  #envelopeOf({ id, facts, ttl }: SessionLife, data: string): Envelope {
    const issuedAt = facts.loggedInAt ?? facts.createdAt;
    const isSameLife = this.#envelope?.issuedAt === issuedAt;
    const endsAt = isSameLife ? this.#envelope.endsAt : this.store.lifetimes.endOf(facts);
    return { id, issuedAt, idleUntil: Date.now() + ttl * 1000, endsAt, data };
  }

  #handOver({ id, endsAt, data }: Envelope): void {
    const key = sessionKey(this.#services.options.prefix, id);
    this.#records.handOver({ key, endsAt }, data);
  }

  /** @throws SessionHeadersSentException, SessionSerializationException */
  #assertCarriable(data: string): void {
    const { cookie, sealing } = this.#services;
    this.#carrier.assertMaySendCookie('Changing a session that its cookie holds');
    const { isSecure } = this.#carrier;
    const size = cookie.sizeWith(sealing.lengthOf(envelopeSize(data)), isSecure);
    if (size <= LARGEST_COOKIE) return;
    throw new SessionSerializationException(
      `The session needs a cookie of ${size} bytes, and browsers keep ${LARGEST_COOKIE} at most. ` +
        'Keep less in it, or use an adapter with a store.',
    );
  }
}
