import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type RecordVersion, SessionAdapter, type StoredRecord } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { MigratingAdapter } from '../../lib/adapters/migrating.adapter.js';
import { Revocations } from '../../lib/http/sealed-cookie/revocations.js';
import { readSealingKeys } from '../../lib/record/sealing-keys.js';
import { sessionKey } from '../../lib/record/ids.js';
import { Sealing } from '../../lib/record/sealing.js';
import { SealingAdapter } from '../../lib/store/sealing-adapter.js';
import { SessionStore } from '../../lib/store/session-store.js';
import { UnitSessions } from '../support/unit-session.js';

/** As it is written in JavaScript, over a client that gives null for what is not there. */
class NullAdapter extends SessionAdapter {
  readonly #inner = new MemoryAdapter();

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return (await this.#inner.read(key, ttl)) ?? (null as unknown as undefined);
  }

  create(...given: Parameters<SessionAdapter['create']>): Promise<boolean> {
    return this.#inner.create(...given);
  }

  update(...given: Parameters<SessionAdapter['update']>): Promise<boolean> {
    return this.#inner.update(...given);
  }

  destroy(key: string): Promise<void> {
    return this.#inner.destroy(key);
  }
}

/** As it is written in JavaScript, over a Map: nothing there has to be waited for. */
class PromptAdapter {
  readonly #records = new Map<string, StoredRecord>();
  #version = 0;

  read(key: string): StoredRecord | undefined {
    return this.#records.get(key);
  }

  create(key: string, data: string): boolean {
    return !this.#records.has(key) && this.#put(key, data);
  }

  update(key: string, data: string, _ttl: number, version: RecordVersion): boolean {
    return this.#records.get(key)?.version === version && this.#put(key, data);
  }

  destroy(key: string): void {
    this.#records.delete(key);
  }

  #put(key: string, data: string): true {
    this.#records.set(key, { data, version: ++this.#version });
    return true;
  }
}

const promptAdapter = (): SessionAdapter => new PromptAdapter() as unknown as SessionAdapter;

const UNKNOWN = 'A'.repeat(43);

describe('An adapter that answers null for a record that is not there', () => {
  it('R25 has none there, nor a list of an owner', async () => {
    const sessions = new UnitSessions(new NullAdapter());
    const session = await sessions.open(UNKNOWN);
    expect(session.toJSON()).toEqual({});
    await session.set('a', 1).login('kimbra');
    expect((await sessions.open(session.id)).owner).toBe('kimbra');
  });

  it('has none among many either', async () => {
    const adapter = new NullAdapter();
    const readMany = (keys: string[]) => Promise.all(keys.map((key) => adapter.read(key)));
    const sessions = new UnitSessions(Object.assign(adapter, { readMany }));
    const session = await sessions.open();
    await session.login('kimbra');
    const other = await sessions.open();
    await other.login('kimbra');
    await adapter.destroy(sessionKey('sess:', other.id));
    expect(await sessions.store.owned.list('kimbra')).toHaveLength(1);
  });

  it('has none there where records are sealed', async () => {
    const sealing = new Sealing(readSealingKeys({ keys: [randomBytes(32)] }), 'record');
    const store = new SessionStore(new SealingAdapter(new NullAdapter(), sealing), {
      prefix: 'sess:',
      lifetime: 60,
      absoluteLifetime: false,
      storeTimeout: 2000,
      whenOwnerIsFull: 'evict-oldest',
    });
    expect(await store.open(UNKNOWN)).toBeUndefined();
  });

  it('has ended no session whose cookie holds it', async () => {
    const revocations = new Revocations(new NullAdapter(), 'sess:');
    const key = `sess:${UNKNOWN}`;
    expect(await revocations.has(key)).toBe(false);
    expect(await revocations.add(key, Date.now() + 60_000, 'mark')).toBe(true);
    expect(await revocations.has(key)).toBe(true);
  });

  it.each(['from', 'to'] as const)(
    'may be one of two stores, with writeTo: %j',
    async (writeTo) => {
      const adapter = new MigratingAdapter(new NullAdapter(), new NullAdapter(), { writeTo });
      await adapter.destroy('sess:unknown');
      expect(await adapter.create('sess:unknown', 'data', 60)).toBe(true);
      const { version = '' } = (await adapter.read('sess:unknown')) ?? {};
      expect(await adapter.update('sess:unknown', 'short', 60, version)).toBe(true);
      await adapter.destroy('sess:unknown');
      expect(await adapter.read('sess:unknown')).toBeFalsy();
    },
  );

  it('may have had no record of what has moved', async () => {
    const to = new NullAdapter();
    await to.create('sess:moved', 'data', 60);
    const adapter = new MigratingAdapter(new NullAdapter(), to);
    const { version = '' } = (await adapter.read('sess:moved')) ?? {};
    expect(await adapter.update('sess:moved', 'short', 30, version)).toBe(true);
  });
});

describe('An adapter that answers without promises', () => {
  it('keeps sessions', async () => {
    const sessions = new UnitSessions(promptAdapter());
    const session = await sessions.open();
    await session.set('a', 1).login('kimbra');
    expect((await sessions.open(session.id)).get('a')).toBe(1);
    const { id } = session;
    await session.destroy();
    expect((await sessions.open(id)).owner).toBeUndefined();
  });

  it('may be one of two stores', async () => {
    const from = promptAdapter();
    const adapter = new MigratingAdapter(from, promptAdapter());
    await from.create('sess:left', 'data', 60);
    await adapter.destroy('sess:left');
    expect(await adapter.read('sess:left')).toBeUndefined();
  });
});
