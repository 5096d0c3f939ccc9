import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { sealId, unsealId } from '../../lib/record/alias.js';
import { createId, sessionKey } from '../../lib/record/ids.js';
import { parseRecord, serializeRecord } from '../../lib/record/record.js';
import type { SessionLife } from '../../lib/store/session-life.js';
import type { SessionStoreOptions } from '../../lib/store/session-store.js';
import { beginSession, type SessionProcess, startProcess, write } from './session-process.js';
import { SteppedAdapter } from './stepped-adapter.js';

const RENEW_AFTER = 60;
const EVERY_STEP = Array.from({ length: 14 }, (_, index) => index + 1);

describe('renewal of ids between two processes', () => {
  const began = Date.now();
  let clock: jest.Spied<typeof Date.now>;
  let memory: MemoryAdapter;
  let steps: SteppedAdapter;
  let otherSteps: SteppedAdapter;
  let renewing: SessionProcess;
  let other: SessionProcess;

  const after = (seconds: number): void => void clock.mockReturnValue(began + seconds * 1000);

  const start = (options: Partial<SessionStoreOptions> = {}): void => {
    memory = new MemoryAdapter();
    steps = new SteppedAdapter(memory);
    otherSteps = new SteppedAdapter(memory);
    renewing = startProcess(steps, { renewAfter: RENEW_AFTER, ...options });
    other = startProcess(otherSteps, { renewAfter: RENEW_AFTER, ...options });
  };

  const opens = async (id: string): Promise<boolean> => (await other.store.open(id)) !== undefined;

  /** How many sessions there are, whoever knows their ids; the mark of one that moved is none. */
  const liveSessions = async (): Promise<number> => {
    const keys = [...steps.sessionKeys, ...otherSteps.sessionKeys];
    const records = await Promise.all(keys.map((key) => memory.read(key)));
    return keys.filter((key, n) => 'variables' in parseRecord(key, records[n]?.data ?? mark(key)))
      .length;
  };

  /** Stops the renewal of that session at a step, while something else is done. */
  const renewWhile = async (
    n: number,
    id: string,
    meanwhile: () => Promise<unknown>,
  ): Promise<SessionLife> => {
    const held = steps.holdAt(n);
    const visit = renewing.visit(id);
    await Promise.race([held.arrived, visit]);
    await meanwhile();
    held.release();
    return visit;
  };

  beforeEach(() => {
    clock = jest.spyOn(Date, 'now').mockReturnValue(began);
    start();
  });

  afterEach(() => void jest.restoreAllMocks());

  it.each(EVERY_STEP)(
    'ends the session for good by a logout at step %i of a renewal',
    async (n) => {
      const { id } = await beginSession(renewing, 'anna');
      const leaving = await other.visit(id);
      after(RENEW_AFTER);
      const renewed = await renewWhile(n, id, () => leaving.destroy());
      expect(await opens(renewed.id)).toBe(false);
      expect(await opens(id)).toBe(false);
      expect(await other.store.owned.list('anna')).toEqual([]);
      expect(await liveSessions()).toBe(0);
    },
  );

  it.each(EVERY_STEP)(
    'ends the session for good by a renewal at step %i of a logout',
    async (n) => {
      const { id } = await beginSession(renewing, 'anna');
      const leaving = await renewing.visit(id);
      after(RENEW_AFTER);
      const held = steps.holdAt(n);
      const logout = leaving.destroy();
      await Promise.race([held.arrived, logout]);
      const renewed = await other.visit(id);
      held.release();
      await logout;
      expect(await opens(renewed.id)).toBe(false);
      expect(await opens(id)).toBe(false);
      expect(await other.store.owned.list('anna')).toEqual([]);
    },
  );

  it.each(EVERY_STEP)('revokes the session for good at step %i of a renewal', async (n) => {
    const { id, key } = await beginSession(renewing, 'anna');
    after(RENEW_AFTER);
    const renewed = await renewWhile(n, id, () => other.store.owned.revoke('anna', key));
    expect(await opens(renewed.id)).toBe(false);
    expect(await liveSessions()).toBe(0);
  });

  it.each(EVERY_STEP)('revokes all sessions for good at step %i of a renewal', async (n) => {
    const { id } = await beginSession(renewing, 'anna');
    after(RENEW_AFTER);
    const renewed = await renewWhile(n, id, () => other.store.owned.revokeAll('anna', undefined));
    expect(await opens(renewed.id)).toBe(false);
    expect(await liveSessions()).toBe(0);
  });

  it.each(EVERY_STEP)('spares who ends all others at step %i, under both ids', async (n) => {
    const { id } = await beginSession(renewing, 'anna');
    after(RENEW_AFTER);
    const renewed = await renewWhile(n, id, async () => {
      const asking = await other.visit(id);
      await other.store.owned.revokeAll('anna', asking.key);
    });
    expect([await opens(id), await opens(renewed.id)]).toEqual([true, true]);
    expect(await liveSessions()).toBe(1);
  });

  it.each(EVERY_STEP)('keeps what another process stores at step %i', async (n) => {
    const { id } = await beginSession(renewing);
    const writing = await other.visit(id);
    after(RENEW_AFTER);
    const renewed = await renewWhile(n, id, () => write(writing, 'address', 'Oslo'));
    expect(renewed.id).not.toBe(id);
    const now = await other.visit(renewed.id);
    expect(now.values.get({ name: 'address' })).toBe('Oslo');
    expect(await liveSessions()).toBe(1);
  });

  it('applies a change once that was stored, without an answer, before the renewal', async () => {
    const { id } = await beginSession(renewing);
    const counting = await other.visit(id);
    after(RENEW_AFTER);
    const reading = otherSteps.loseAnswerAndHold();
    const counted = counting.update({ name: 'count' }, 'count', (count) => Number(count ?? 0) + 1);
    await reading.arrived;
    const renewed = await renewing.visit(id);
    reading.release();
    await counted;
    expect((await other.visit(renewed.id)).values.get({ name: 'count' })).toBe(1);
  });

  it('applies a change once that is stored, without an answer, during the renewal', async () => {
    const { id } = await beginSession(renewing);
    const counting = await other.visit(id);
    after(RENEW_AFTER);
    const reading = otherSteps.loseAnswerAndHold();
    let counted: Promise<unknown> = Promise.resolve();
    // Step 3 marks the old record, which was read, and moved, before it was changed.
    const renewed = await renewWhile(3, id, () => {
      counted = counting.update({ name: 'count' }, 'count', (count) => Number(count ?? 0) + 1);
      return reading.arrived;
    });
    reading.release();
    await counted;
    expect(renewed.id).not.toBe(id);
    expect((await other.visit(renewed.id)).values.get({ name: 'count' })).toBe(1);
  });

  it.each(EVERY_STEP)('leaves a session that opens if the process dies at step %i', async (n) => {
    for (const isDone of [true, false]) {
      start();
      const { id } = await beginSession(renewing, 'anna');
      after(RENEW_AFTER);
      steps.dieAt(n, isDone);
      await Promise.allSettled([renewing.visit(id)]);
      const next = await other.visit(id);
      expect(next.values.get({ name: 'begun' })).toBe(true);
      const listed = await other.store.owned.list('anna');
      expect(listed.map(({ entry }) => entry.key)).toContain(next.key);
      after(0);
    }
  });

  it.each(EVERY_STEP)('evicts nobody where two processes renew at once (step %i)', async (n) => {
    start({ maxSessionsPerOwner: 1 });
    const { id } = await beginSession(renewing, 'anna');
    after(RENEW_AFTER);
    let second = '';
    const first = await renewWhile(n, id, async () => {
      second = (await other.visit(id)).id;
    });
    expect(second).toBe(first.id);
    expect(second).not.toBe(id);
    expect(await opens(second)).toBe(true);
    expect(await liveSessions()).toBe(1);
    expect(await other.store.owned.list('anna')).toHaveLength(1);
  });

  it('survives the loss of one answer at every step of a logout', async () => {
    for (const n of EVERY_STEP) {
      const { id } = await beginSession(renewing, 'anna');
      const leaving = await renewing.visit(id);
      steps.loseAnswerAt(n);
      const [outcome] = await Promise.allSettled([leaving.destroy()]);
      steps.reset();
      // A read is not repeated: the logout then fails as a whole, and can be asked for again.
      expect(await opens(id)).toBe(outcome.status === 'rejected');
      await leaving.destroy();
      expect(await opens(id)).toBe(false);
    }
  });

  it('is done with a logout when the id opens nothing, though its record cannot be removed', async () => {
    const { id } = await beginSession(renewing, 'anna');
    const leaving = await renewing.visit(id);
    const destroy = jest.spyOn(memory, 'destroy').mockRejectedValue(new Error('read-only'));
    await leaving.destroy();
    destroy.mockRestore();
    expect(await opens(id)).toBe(false);
    expect(await other.store.owned.list('anna')).toEqual([]);
  });

  it('seals the new id for those only who know the old one', () => {
    const [oldId, newId] = [createId(), createId()];
    const sealed = sealId(newId, oldId);
    expect(unsealId(sealed, oldId)).toBe(newId);
    expect(sealId(newId, oldId)).not.toBe(sealed);
    expect(sealed).not.toContain(newId);
    for (const guess of [newId, createId(), sessionKey('sess:', oldId), '']) {
      expect(() => unsealId(sealed, guess)).toThrow(/authenticate/);
    }
  });
});

/** What counts as no session. */
function mark(key: string): string {
  return serializeRecord(key, { replacedBy: 'none' });
}
