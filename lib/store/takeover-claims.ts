import { sealId, unsealId } from '../record/alias.js';
import { takeoverKey } from '../record/ids.js';
import type { BoundedAdapter } from './bounded-adapter.js';
import { Deadline } from './deadline.js';

/** Seconds for which requests that came with the same old cookie find what the first one has made. */
const CLAIM_TTL = 60;

/**
 * Says which of several requests has taken over a session of another library, and under which id.
 * Only those who know the id that it had there can read that.
 */
export class TakeoverClaims {
  readonly #adapter: BoundedAdapter;
  readonly #prefix: string;
  readonly #time: number;

  /** @param time milliseconds for one call */
  constructor(adapter: BoundedAdapter, prefix: string, time: number) {
    this.#adapter = adapter;
    this.#prefix = prefix;
    this.#time = time;
  }

  /** The id under which it was taken over; undefined when it was not, or long ago. */
  async find(oldId: string): Promise<string | undefined> {
    const stored = await this.#adapter.read(this.#deadline(), this.#key(oldId));
    if (stored === undefined) return undefined;
    try {
      return unsealId(stored.data, oldId);
    } catch {
      // Whoever put it there did not know the old id: it leads nowhere.
      return undefined;
    }
  }

  /** False: another request was first. */
  claim(oldId: string, newId: string): Promise<boolean> {
    const sealed = sealId(newId, oldId);
    return this.#adapter.create(this.#deadline(), this.#key(oldId), sealed, CLAIM_TTL);
  }

  #deadline(): Deadline {
    return new Deadline(this.#time);
  }

  #key(oldId: string): string {
    return takeoverKey(this.#prefix, oldId);
  }
}
