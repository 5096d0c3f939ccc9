import type { RecordVersion, StoredRecord } from '../../adapters/session-adapter.js';
import { createWriteId } from '../../record/write-log.js';
import { SessionGoneException } from '../../store/session-gone.exception.js';
import { ExchangeRecords } from '../exchange-records.js';
import type { Revocations } from './revocations.js';

/** A session in the client's hands. */
export interface ClientCopy {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/**
 * The store of one exchange: it holds what came in the cookie, and what the next cookie is to hold.
 * A cookie holds one session. Where a new one takes its place, as at a login, and where it is
 * destroyed, the copies of the old one are ended, if there is somewhere to say so.
 */
export class CarriedRecords extends ExchangeRecords {
  readonly #revocations: Revocations | undefined;
  readonly #assertCarriable: (data: string) => void;
  readonly #mark = createWriteId();
  /** What the client can still open. */
  #copy: ClientCopy | undefined;

  /** @param assertCarriable throws where a cookie with this record cannot be sent */
  constructor(revocations: Revocations | undefined, assertCarriable: (data: string) => void) {
    super();
    this.#revocations = revocations;
    this.#assertCarriable = assertCarriable;
  }

  /** The client has this record. */
  handOver(copy: ClientCopy, data: string): void {
    this.#copy = copy;
    if (this.dataOf(copy.key) !== data) this.put(copy.key, data);
  }

  /** Whether it was ended is asked anew each time. */
  override async read(key: string): Promise<StoredRecord | undefined> {
    await this.#noticeEnd(key);
    return super.read(key);
  }

  override async create(key: string, data: string, ttl: number): Promise<boolean> {
    this.#assertCarriable(data);
    await this.#replaceCopy();
    return super.create(key, data, ttl);
  }

  override async update(
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    this.#assertCarriable(data);
    await this.#noticeEnd(key);
    return super.update(key, data, ttl, version);
  }

  override async destroy(key: string): Promise<void> {
    if (this.#copy?.key === key) await this.#endCopy(this.#copy);
    await super.destroy(key);
  }

  /** Forgets the client's copy if somebody else has ended it. */
  async #noticeEnd(key: string): Promise<void> {
    if (this.#copy?.key === key && (await this.#revocations?.has(key))) this.#forget(key);
  }

  /** @throws SessionConflictException when somebody else has ended the copy meanwhile */
  async #replaceCopy(): Promise<void> {
    const copy = this.#copy;
    if (copy === undefined || (await this.#endCopy(copy))) return;
    this.#forget(copy.key);
    throw new SessionGoneException();
  }

  /** False: somebody else has ended it. Its record stays here, for those who move it. */
  async #endCopy(copy: ClientCopy): Promise<boolean> {
    const isOurs = (await this.#revocations?.add(copy.key, copy.endsAt, this.#mark)) ?? true;
    if (isOurs) this.#copy = undefined;
    return isOurs;
  }

  #forget(key: string): void {
    this.remove(key);
    this.#copy = undefined;
  }
}
