import assert from 'node:assert/strict';
import {
  assertAbsent,
  assertRefuses,
  assertUpdates,
  forgetsAll,
  LONG,
  readRecord,
  stored,
  type AdapterCase,
} from '../adapter-case.js';
import { SHORT } from '../short-lives.js';

const under = { forgets: forgetsAll };

/** Memcached, the strictest of the stores, takes at most so many bytes, and no space or control. */
const LONGEST_KEY = 250;

const keyCases = [
  ['as long as keys may be', (key: string) => key.padEnd(LONGEST_KEY, 'k')],
  ['with dots and slashes', (key: string) => `../../${key}/./..//.`],
  ['with glob and SQL signs', (key: string) => `%_*?[a-z]:${key};--`],
  ['with quotes and brackets', (key: string) => `'"\`\\${key}<>|{}()$&~^#@!`],
  ['named like a member of Object', (key: string) => `__proto__:${key}:constructor`],
] as const;

/** Characters: more than a record of DynamoDB, etcd or memcached may have. */
const HUGE = 2_000_000;

/** What tools for files, patterns and statements give a meaning to, or take away. */
const SIGNS = '.-_/\\%*?:;,+~#@!$&|^`\'"<>()[]{}='.split('');
const PATTERNS = ['', '%', '_', '*', '?', '.', '.*', '[a-z]', '[^b]', '/', "'or'1'='1"];

const dataCases = [
  ['the empty string', ''],
  ['JSON, to the byte', JSON.stringify({ a: [1, null, -0.5, 'x"\\\u0001\u2028'], b: {} }, null, 2)],
  ['white space at both ends', ' \t\r\n data \r\n\t '],
  ['text beyond ASCII and beyond 16 bits', 'Füße, 東京, עברית, e\u0301, 👩‍👩‍👧‍👦 𝒳, \uFEFF'],
  ['hundreds of thousands of characters', '0123456789abcdef'.repeat(20_000)],
  ['many characters of several bytes', '東京👩'.repeat(20_000)],
] as const;

export const contentCases: readonly AdapterCase[] = [
  ...keyCases.map(([kind, shape]): AdapterCase => ({
    title: `accepts a key ${kind}`,
    under,
    body: async (adapter, fresh) => {
      const key = shape(fresh);
      const { version } = await stored(adapter, key, 'first');
      await assertUpdates(adapter, key, 'second', LONG, version);
      assert.equal((await readRecord(adapter, key)).data, 'second');
      await adapter.destroy(key);
      await assertAbsent(adapter, key);
    },
  })),
  {
    title: 'tells keys apart that differ in their case only',
    under,
    body: async (adapter, key) => {
      const [lower, upper] = [`${key}abc`, `${key}ABC`];
      await stored(adapter, lower, 'lower');
      await assertAbsent(adapter, upper);
      await stored(adapter, upper, 'upper');
      assert.equal((await readRecord(adapter, lower)).data, 'lower');
    },
  },
  {
    title: 'tells keys apart that differ in their last sign only, however long they are',
    under,
    body: async (adapter, fresh) => {
      const keys = [fresh, fresh.padEnd(LONGEST_KEY - 1, 'k')].flatMap((start) =>
        SIGNS.map((sign) => `${start}${sign}`),
      );
      await Promise.all(keys.map((key) => stored(adapter, key, key)));
      const records = await Promise.all(keys.map((key) => readRecord(adapter, key)));
      assert.deepEqual(
        records.map(({ data }) => data),
        keys,
      );
    },
  },
  {
    title: 'takes no key for a pattern, or for the beginning of others',
    under,
    body: async (adapter, fresh) => {
      const key = `${fresh}a`;
      const { version } = await stored(adapter, key, 'data');
      const others = PATTERNS.map((pattern) => fresh + pattern);
      for (const other of others) {
        await assertAbsent(adapter, other, SHORT);
        await assertRefuses(adapter, other, 'other', version);
        await adapter.destroy(other);
      }
      assert.equal((await readRecord(adapter, key)).data, 'data');
    },
  },
  {
    title: 'R25 rejects data that is too much for it, and leaves what was there',
    under,
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'small');
      const huge = 'x'.repeat(HUGE);
      const isUpdated = await isDone(() => adapter.update(key, huge, LONG, version));
      const { data } = await readRecord(adapter, key);
      assert.ok(data === huge || (data === 'small' && !isUpdated), 'other data is there');
      const other = `${key}2`;
      if (!(await isDone(() => adapter.create(other, huge, LONG)))) return;
      assert.ok((await readRecord(adapter, other)).data === huge, 'other data is there');
    },
  },
  ...dataCases.map(([kind, data]): AdapterCase => ({
    title: `keeps ${kind}`,
    under,
    body: async (adapter, key) => {
      const { data: created, version } = await stored(adapter, key, data);
      // Not assert.equal, which would print all of the data.
      assert.ok(created === data, 'other data came back than was created');
      await assertUpdates(adapter, key, `${data}.`, LONG, version);
      const { data: updated } = await readRecord(adapter, key);
      assert.ok(updated === `${data}.`, 'other data came back than the update gave');
    },
  })),
];

/** False for what is rejected. The key is free, and the version the newest: nothing else is right. */
async function isDone(write: () => Promise<boolean>): Promise<boolean> {
  const answer = await write().catch(() => 'rejected');
  const given = `what cannot be kept has to be rejected, and the answer was ${answer}`;
  assert.ok(answer === true || answer === 'rejected', given);
  return answer === true;
}
