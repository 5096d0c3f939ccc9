import type { AdapterMethods } from '../../store/bounded-adapter.js';

/**
 * Seconds that a revocation stays beyond the session's end. The clock of the process that revokes
 * may be ahead by so much of one by which a copy still opens.
 */
const CLOCK_MARGIN = 3600;

/**
 * The sessions that were ended before their time, in a store: without it nothing can end a copy of
 * a cookie. A key says nothing of the id that it was made of.
 */
export class Revocations {
  readonly #adapter: AdapterMethods;
  readonly #prefix: string;

  /** @param prefix stands before every key of a session */
  constructor(adapter: AdapterMethods, prefix: string) {
    this.#adapter = adapter;
    this.#prefix = prefix;
  }

  async has(key: string): Promise<boolean> {
    const stored = await this.#adapter.read(this.#place(key));
    // Many a store says null of what it does not have.
    return Boolean(stored);
  }

  /**
   * Ends all copies of a session, until they end by themselves.
   *
   * @param endsAt milliseconds since 1970
   * @param mark tells one's own revocation, whose answer was lost, from that of others
   * @returns false when somebody else has ended it before
   */
  async add(key: string, endsAt: number, mark: string): Promise<boolean> {
    const place = this.#place(key);
    const ttl = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000)) + CLOCK_MARGIN;
    if (await this.#adapter.create(place, mark, ttl)) return true;
    return (await this.#adapter.read(place))?.data === mark;
  }

  #place(key: string): string {
    return `${this.#prefix}revoked:${key.slice(this.#prefix.length)}`;
  }
}
