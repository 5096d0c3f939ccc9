import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { parseRecord } from '../../lib/record/record.js';
import { pollUntil } from '../support/poll.js';
import {
  answered,
  beginSession,
  opens,
  type SessionProcess,
  startProcess,
  write,
} from './session-process.js';
import { SteppedAdapter } from './stepped-adapter.js';
import { stopClock } from './stopped-clock.js';

const RENEW_AFTER = 60;
/** Seconds: longer than an old id leads on that is settled. */
const OUTAGE = 45;
/** One reads, five list and create, one marks, two unlist, one commits, and two settle. */
const EVERY_STEP = Array.from({ length: 12 }, (_, index) => index + 1);
/** Before that, a new session of which nobody knows may be left over until it ends by itself. */
const MARK = 7;
const FROM_MARK = EVERY_STEP.slice(MARK - 1);
const EVERY_FAULT = EVERY_STEP.flatMap((n) => [[n, 'done'] as const, [n, 'not done'] as const]);
const IN_TIME = { within: 5000, what: 'the store is in order again' };
const after = stopClock();

describe('renewal of ids by a process that loses its store', () => {
  let memory: MemoryAdapter;
  let steps: SteppedAdapter;
  let renewing: SessionProcess;
  let other: SessionProcess;
  let id: string;
  let oldKey: string;

  const liveKeys = async (): Promise<string[]> => {
    const keys = Array.from(steps.sessionKeys);
    const records = await Promise.all(keys.map((key) => memory.read(key)));
    return keys.filter((key, n) => {
      const data = records[n]?.data;
      return data !== undefined && 'variables' in parseRecord(key, data);
    });
  };

  /** A request that stores something. @returns the id that its client has then */
  const renewFailing = async (n: number, isDone: boolean): Promise<string> => {
    after(RENEW_AFTER);
    steps.dieAt(n, isDone);
    try {
      const life = await renewing.visit(id);
      await write(life, 'seen', n);
      return life.id;
    } catch {
      return id;
    }
  };

  beforeEach(async () => {
    memory = new MemoryAdapter();
    steps = new SteppedAdapter(memory);
    renewing = startProcess(steps, { renewAfter: RENEW_AFTER, storeTimeout: 50 });
    other = startProcess(memory, { renewAfter: RENEW_AFTER });
    ({ id, key: oldKey } = await beginSession(renewing, 'anna'));
  });

  it.each(EVERY_FAULT)('logs nobody out (step %i, %s)', async (n, done) => {
    const clientId = await renewFailing(n, done === 'done');
    after(RENEW_AFTER + OUTAGE);
    const found = (await other.store.peek(clientId))?.snapshot;
    expect(found?.record.variables.get('begun')).toBe(true);
    steps.reset();
    expect(await opens(renewing, clientId)).toBe(true);
    const listed = await other.store.owned.list('anna');
    expect(listed.map(({ entry }) => entry.key)).toContain(found?.key);
  });

  it.each(FROM_MARK.flatMap((n) => [[n, 'done'] as const, [n, 'not done'] as const]))(
    'leaves one session, and that listed (step %i, %s)',
    async (n, done) => {
      const clientId = await renewFailing(n, done === 'done');
      after(RENEW_AFTER + OUTAGE);
      steps.reset();
      await pollUntil(async () => (await liveKeys()).length === 1, IN_TIME);
      expect(await liveKeys()).toEqual([(await other.store.peek(clientId))?.snapshot.key]);
      const listed = await other.store.owned.list('anna');
      expect(listed.map(({ entry }) => entry.key)).toEqual(await liveKeys());
    },
  );

  it.each(EVERY_FAULT)('ends an id that was exchanged (step %i, %s)', async (n, done) => {
    const clientId = await renewFailing(n, done === 'done');
    after(RENEW_AFTER + OUTAGE);
    steps.reset();
    // Whose client has its first id still is told the new one now.
    const { id: newId } = await answered(other, clientId);
    if (clientId === id) after(RENEW_AFTER + OUTAGE + 30);
    await pollUntil(async () => !(await opens(other, id)), IN_TIME);
    expect(await opens(renewing, id)).toBe(false);
    expect([await opens(other, newId), await opens(renewing, newId)]).toEqual([true, true]);
  });

  const ends: readonly [string, () => Promise<unknown>][] = [
    ['destroyed', async () => (await other.visit(id)).destroy()],
    ['revoked', () => other.store.owned.revoke('anna', oldKey)],
    ['revoked with all others', () => other.store.owned.revokeAll('anna', undefined)],
  ];

  it.each(FROM_MARK.flatMap((n) => ends.map((end) => [n, ...end] as const)))(
    'brings nothing back (step %i) that was %s meanwhile',
    async (n, _, end) => {
      const clientId = await renewFailing(n, true);
      await end();
      steps.reset();
      await pollUntil(async () => (await liveKeys()).length === 0, IN_TIME);
      for (const process of [renewing, other]) {
        expect(await opens(process, id)).toBe(false);
        expect(await opens(process, clientId)).toBe(false);
      }
      expect(await other.store.owned.list('anna')).toEqual([]);
    },
  );
});
