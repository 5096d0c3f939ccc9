import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../lib/adapters/session-adapter.js';
import { failuresOf } from './suite-failures.js';

export interface Entry extends StoredRecord {
  expires: number;
}

/** What processes share. */
export interface Store {
  readonly entries: Map<string, Entry>;
  version: number;
}

/** Right, and made of parts that the wrong ones replace. */
export class SharedAdapter extends SessionAdapter {
  protected readonly store: Store;

  constructor(store: Store) {
    super();
    this.store = store;
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const entry = this.live(key);
    if (entry && ttl !== undefined) entry.expires = this.expiryIn(ttl);
    return entry && { data: entry.data, version: entry.version };
  }

  async create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.live(key) === undefined && this.put(key, data, ttl);
  }

  async update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.live(key)?.version === version && this.put(key, data, ttl);
  }

  async destroy(key: string): Promise<void> {
    this.store.entries.delete(this.nameOf(key));
  }

  protected live(key: string): Entry | undefined {
    const entry = this.store.entries.get(this.nameOf(key));
    if (entry === undefined || entry.expires > Date.now()) return entry;
    this.store.entries.delete(this.nameOf(key));
    return undefined;
  }

  protected put(key: string, data: string, ttl: number): true {
    const version = this.nextVersion();
    this.store.entries.set(this.nameOf(key), { data, version, expires: this.expiryIn(ttl) });
    return true;
  }

  protected nameOf(key: string): string {
    return key;
  }

  protected nextVersion(): RecordVersion {
    return ++this.store.version;
  }

  protected expiryIn(ttl: number): number {
    return Date.now() + ttl * 1000;
  }
}

/** What a closed adapter does is said by its subclasses. */
export class ClosableAdapter extends SharedAdapter {
  protected isClosed = false;

  override async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** What fails where all cases share a store, and where the sweeps of others do not get in the way. */
export async function failuresOfAny(Adapter: typeof SharedAdapter): Promise<string[]> {
  const store = emptyStore();
  const failures = await Promise.all([
    failuresOf(() => new Adapter(store)),
    failuresOf(() => new Adapter(emptyStore())),
  ]);
  return failures.flat();
}

export function emptyStore(): Store {
  return { entries: new Map(), version: 0 };
}
