import type { RecordVersion, StoredRecord } from '../adapters/session-adapter.js';
import type { AdapterMethods } from '../store/bounded-adapter.js';

/** The store of one exchange: nothing is left of it afterwards. */
export class ExchangeRecords implements AdapterMethods {
  readonly #records = new Map<string, StoredRecord>();
  #lastVersion = 0;

  async read(key: string): Promise<StoredRecord | undefined> {
    return this.#records.get(key);
  }

  async create(key: string, data: string, _ttl: number): Promise<boolean> {
    if (this.#records.has(key)) return false;
    this.put(key, data);
    return true;
  }

  async update(key: string, data: string, _ttl: number, version: RecordVersion): Promise<boolean> {
    if (this.#records.get(key)?.version !== version) return false;
    this.put(key, data);
    return true;
  }

  async destroy(key: string): Promise<void> {
    this.remove(key);
  }

  dataOf(key: string): string | undefined {
    return this.#records.get(key)?.data;
  }

  protected put(key: string, data: string): void {
    this.#records.set(key, { data, version: ++this.#lastVersion });
  }

  protected remove(key: string): void {
    this.#records.delete(key);
  }
}
