import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../exceptions/session.exceptions.js';
import { readNote } from './migrating/note.js';
import { Relocation } from './migrating/relocation.js';
import { parseVersion, type Side, tellVersion } from './migrating/store-version.js';
import { type RecordVersion, SessionAdapter, type StoredRecord } from './session-adapter.js';

/** @publicApi */
export interface MigratingAdapterOptions {
  /**
   * Where sessions are kept: `'to'` moves each one to the new store when it is next used; `'from'`
   * leaves them in the old one, for the time in which processes run that know only that.
   *
   * @default 'to'
   */
  readonly writeTo?: 'from' | 'to' | undefined;
}

const METHODS = ['read', 'create', 'update', 'destroy'] as const;
/** How often something is tried again that others got in the way of. */
const MAX_ATTEMPTS = 20;
/**
 * Seconds up to which what is stored may end before a copy that was left in the old store: the mark of
 * an exchanged id does.
 */
const SHORT_LIFE = 60;

/**
 * Moves sessions from one store to another while the application runs. It reads from both, and a
 * session is in one of them at any time, so that compare-and-swap decides as in one store.
 *
 * Processes with `writeTo: 'from'` may run together with processes that know the old store alone, and
 * with those that have `writeTo: 'to'`. **Those with `'to'` must not run together with processes that
 * know the old store alone**: these lose sight of a session that has moved. What they were told to be
 * stored is there all the same.
 *
 * Opening and closing it opens and closes both stores.
 *
 * @publicApi
 */
export class MigratingAdapter extends SessionAdapter {
  readonly #from: SessionAdapter;
  readonly #to: SessionAdapter;
  readonly #home: Side;

  /**
   * @param from the store that sessions leave
   * @param to the store that they go to
   * @throws InvalidSessionOptionsException
   */
  constructor(from: SessionAdapter, to: SessionAdapter, options: MigratingAdapterOptions = {}) {
    super();
    const { writeTo = 'to' } = options;
    assertAdapter(from);
    assertAdapter(to);
    if (from === to || (writeTo !== 'from' && writeTo !== 'to')) {
      throw new InvalidSessionOptionsException(
        "MigratingAdapter takes two different adapters, and writeTo: 'from' or 'to'.",
      );
    }
    this.#from = from;
    this.#to = to;
    this.#home = writeTo;
  }

  override async open(): Promise<void> {
    await both(this.#stores, (store) => store.open?.());
  }

  override async close(): Promise<void> {
    await both(this.#stores, (store) => store.close?.());
  }

  override async ping(): Promise<void> {
    await both(this.#stores, (store) => store.ping?.());
  }

  override async sweep(): Promise<number> {
    const counts = await both(this.#stores, (store) => store.sweep?.());
    return counts.reduce<number>((sum, count = 0) => sum + count, 0);
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    // What has moved never goes back: whoever looks there first need not look again.
    if (this.#home === 'to') {
      const stored = await this.#to.read(key, ttl);
      if (stored) return recordOf('to', stored);
    }
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const relocation = this.#relocation(key);
      const stored = await this.#from.read(key, this.#home === 'from' ? ttl : undefined);
      const note = stored && readNote(stored.data);
      if (stored && note?.kind === 'record') {
        const stays = this.#home === 'from' || ttl === undefined;
        if (stays) return recordOf('from', stored);
        if (!(await relocation.replace(stored.data, ttl, stored.version))) continue;
      } else if (note?.kind === 'moving') {
        await relocation.finish(note);
      }
      const moved = await this.#to.read(key, ttl);
      return moved && recordOf('to', moved);
    }
    throw overtaken();
  }

  async create(key: string, data: string, ttl: number): Promise<boolean> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const relocation = this.#relocation(key);
      const old = await this.#from.read(key);
      if (old && readNote(old.data).kind !== 'moved') return false;
      const current = await this.#to.read(key);
      if (current) {
        const isEnded = readNote(current.data).kind === 'ended';
        return isEnded && this.#to.update(key, data, ttl, current.version);
      }
      if (await this.#place(relocation, key, data, ttl, old)) return true;
    }
    throw overtaken();
  }

  async update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    const known = parseVersion(version);
    if (known === undefined) return false;
    if (known.side === 'to') {
      if (ttl <= SHORT_LIFE) await this.#relocation(key).dropCopy();
      return this.#to.update(key, data, ttl, known.version);
    }
    if (this.#home === 'from') return this.#from.update(key, data, ttl, known.version);
    return this.#relocation(key).replace(data, ttl, known.version);
  }

  destroy(key: string): Promise<void> {
    return this.#relocation(key).end();
  }

  get #stores(): readonly SessionAdapter[] {
    return [this.#from, this.#to];
  }

  #relocation(key: string): Relocation {
    return new Relocation(this.#from, this.#to, key);
  }

  /**
   * The old store decides which of several creates has come first, whichever store they are for.
   *
   * @param old the note of a record that was moved and is gone; undefined where there is nothing
   */
  async #place(
    relocation: Relocation,
    key: string,
    data: string,
    ttl: number,
    old: StoredRecord | undefined,
  ): Promise<boolean> {
    relocation.assertFresh();
    if (this.#home === 'to') {
      return old ? relocation.replace(data, ttl, old.version) : relocation.begin(data, ttl);
    }
    if (old) return this.#from.update(key, data, ttl, old.version);
    return this.#from.create(key, data, ttl);
  }
}

/** Undefined for the note of a record that was destroyed. */
function recordOf(side: Side, { data, version }: StoredRecord): StoredRecord | undefined {
  if (readNote(data).kind !== 'record') return undefined;
  return { data, version: tellVersion({ side, version }) };
}

function both<T>(
  stores: readonly SessionAdapter[],
  ask: (store: SessionAdapter) => Promise<T> | undefined,
): Promise<(T | undefined)[]> {
  return Promise.all(stores.map(async (store) => ask(store)));
}

function overtaken(): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    'Other requests changed a session again and again while it was to be moved to another store. ' +
      'The next request will move it.',
  );
}

function assertAdapter(adapter: SessionAdapter): void {
  const methods = Object(adapter) as Record<string, unknown>;
  const missing = METHODS.find((name) => typeof methods[name] !== 'function');
  if (missing === undefined) return;
  throw new InvalidSessionOptionsException(
    `MigratingAdapter takes two adapters, made with new or by createSessionAdapter(); ${missing}() is ` +
      'missing in one of them.',
  );
}
