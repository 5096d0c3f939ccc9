import type { RecordVersion, StoredRecord } from '../../adapters/session-adapter.js';
import { createWriteId } from '../../record/write-log.js';
import type { AdapterMethods } from '../../store/bounded-adapter.js';
import { SessionGoneException } from '../../store/session-gone.exception.js';
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
export class CarriedRecords implements AdapterMethods {
  readonly #records = new Map<string, StoredRecord>();
  readonly #revocations: Revocations | undefined;
  readonly #assertCarriable: (data: string) => void;
  readonly #mark = createWriteId();
  /** What the client could open still. */
  #copy: ClientCopy | undefined;
  #lastVersion = 0;

  /** @param assertCarriable throws where a cookie with this record cannot be sent */
  constructor(revocations: Revocations | undefined, assertCarriable: (data: string) => void) {
    this.#revocations = revocations;
    this.#assertCarriable = assertCarriable;
  }

  /** The client has this record. */
  handOver(copy: ClientCopy, data: string): void {
    this.#copy = copy;
    if (this.dataOf(copy.key) !== data) this.#put(copy.key, data);
  }

  dataOf(key: string): string | undefined {
    return this.#records.get(key)?.data;
  }

  /** Whether it was ended is asked anew each time. */
  async read(key: string): Promise<StoredRecord | undefined> {
    await this.#noticeEnd(key);
    return this.#records.get(key);
  }

  async create(key: string, data: string): Promise<boolean> {
    this.#assertCarriable(data);
    await this.#replaceCopy();
    this.#put(key, data);
    return true;
  }

  async update(key: string, data: string, _ttl: number, version: RecordVersion): Promise<boolean> {
    this.#assertCarriable(data);
    await this.#noticeEnd(key);
    if (this.#records.get(key)?.version !== version) return false;
    this.#put(key, data);
    return true;
  }

  async destroy(key: string): Promise<void> {
    if (this.#copy?.key === key) await this.#endCopy(this.#copy);
    this.#records.delete(key);
  }

  #put(key: string, data: string): void {
    this.#records.set(key, { data, version: ++this.#lastVersion });
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
    this.#records.delete(key);
    this.#copy = undefined;
  }
}
