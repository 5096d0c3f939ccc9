import { afterEach, describe, expect, it } from '@jest/globals';
import { crc32 } from 'node:zlib';
import { MemcachedAdapter } from '../../lib/adapters/memcached.adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import {
  type FakeRequest,
  type FakeResponse,
  fakeResponse,
  startFakeMemcached,
} from '../support/fake-memcached.js';
import { failureOf } from '../support/failure-of.js';

const ADD = 0x02;
const GET_KEY = 0x0c;
const STORE_TIMEOUT = 600;

type Fake = Awaited<ReturnType<typeof startFakeMemcached>>;
let fake: Fake;
let adapter: MemcachedAdapter;

afterEach(async () => {
  await adapter.close();
  await fake.stop();
});

describe('MemcachedAdapter and answers that cannot be right', () => {
  it('takes an answer that proves itself, without another look', async () => {
    await startLying([]);
    expect((await adapter.read('sess:1'))?.data).toBe('data of sess:1');
    expect(fake.accepted()).toBe(1);
  });

  it.each<[string, (request: FakeRequest) => Partial<FakeResponse>]>([
    ['bears another key', () => right('sess:2')],
    ['bears no key', ({ key }) => ({ ...right(key), key: '' })],
    [
      'bears a content that was changed on its way',
      ({ key }) => ({ ...right(key), value: 'dbta' }),
    ],
    ['has no flags', ({ key }) => ({ ...right(key), extras: Buffer.alloc(0) })],
    ['answers another command', ({ key }) => ({ ...right(key), opcode: ADD })],
    ['says not found of another key', () => ({ key: 'sess:2', status: 1 })],
  ])('R25 reads once more, over a new connection, when an answer %s', async (_, lie) => {
    await startLying([lie]);
    expect((await adapter.read('sess:1'))?.data).toBe('data of sess:1');
    expect(fake.accepted()).toBe(2);
  });

  it('R25 is unavailable when the second answer bears another key, too', async () => {
    await startLying([() => right('sess:2'), () => right('sess:2')]);
    expect(await failureOf(adapter.read('sess:1'))).toBeInstanceOf(
      SessionStoreUnavailableException,
    );
    expect((await adapter.read('sess:1'))?.data).toBe('data of sess:1');
  });

  it('R24 hands on a content that twice has the wrong proof, for the record to judge', async () => {
    const changed = { ...right('sess:1'), value: 'changed' };
    await startLying([() => changed, () => changed]);
    expect((await adapter.read('sess:1'))?.data).toBe('changed');
  });

  it('R25 fails all that shares the connection with a doubtful answer', async () => {
    await startLying([() => right('sess:2')], { held: ['sess:slow'] });
    // Three connections, the fourth call shares the first.
    const slow = [1, 2, 3].map(() => failureOf(adapter.read('sess:slow')));
    expect((await adapter.read('sess:1'))?.data).toBe('data of sess:1');
    expect(await Promise.race(slow)).toBeInstanceOf(SessionStoreUnavailableException);
    await Promise.all(slow);
  });

  it('R25 uses no connection on which bytes came that nobody asked for', async () => {
    await startLying([], { unasked: Buffer.from('ERROR Too many') });
    expect((await adapter.read('sess:1'))?.data).toBe('data of sess:1');
    await adapter.ping();
    const before = fake.accepted();
    expect((await adapter.read('sess:2'))?.data).toBe('data of sess:2');
    expect((await adapter.read('sess:3'))?.data).toBe('data of sess:3');
    expect(fake.accepted()).toBeGreaterThan(before);
  });

  it.each([0x81, 0x84, 0x85, 0x86])(
    'R25 is unavailable when the server answers with status %i',
    async (status) => {
      await startLying([() => ({ status, value: 'sess:1 out of order' })]);
      const failure = await failureOf(adapter.read('sess:1'));
      expect(failure).toBeInstanceOf(SessionStoreUnavailableException);
      expect(failure.message).toContain(`0x${status.toString(16)}`);
      expect(`${failure.message}${String(failure.cause)}`).not.toContain('sess:1');
    },
  );
});

/** A server that answers the first reads as told, and every other one rightly. */
async function startLying(
  lies: readonly ((request: FakeRequest) => Partial<FakeResponse>)[],
  { held = [], unasked }: { held?: readonly string[]; unasked?: Buffer } = {},
): Promise<void> {
  const left = [...lies];
  fake = await startFakeMemcached((request) => {
    const { opcode, opaque, key } = request;
    if (opcode !== GET_KEY) return fakeResponse({ opcode, opaque });
    if (held.includes(key)) return undefined;
    const answer = fakeResponse({ opcode, opaque, ...(left.shift()?.(request) ?? right(key)) });
    return unasked ? Buffer.concat([answer, unasked]) : answer;
  });
  adapter = new MemcachedAdapter({ port: fake.port, storeTimeout: STORE_TIMEOUT });
  await adapter.open();
}

/** What the server has under the key, with the proof that the adapter would have written. */
function right(key: string): Partial<FakeResponse> {
  const value = `data of ${key}`;
  const extras = Buffer.alloc(4);
  extras.writeUInt32BE(crc32(value, crc32(key)));
  return { key, value, extras };
}
