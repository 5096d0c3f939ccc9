import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import type { SessionLife } from '../../lib/store/session-life.js';
import {
  beginSession,
  opens,
  type SessionProcess,
  startProcess,
} from '../security/session-process.js';
import { SteppedAdapter } from '../security/stepped-adapter.js';

const EVERY_STEP = Array.from({ length: 14 }, (_, index) => index + 1);
/** The step at which the old record is marked. */
const BEFORE_MARK = 6;
const OWNER = 'anna';

describe('two logins of one visitor at once, in two processes', () => {
  const memory = new MemoryAdapter();
  const steps = new SteppedAdapter(memory);
  let first: SessionProcess;
  let second: SessionProcess;

  const start = (maxSessionsPerOwner: number): void => {
    first = startProcess(steps, { maxSessionsPerOwner });
    second = startProcess(memory, { maxSessionsPerOwner });
  };

  const logIn = async (life: SessionLife): Promise<string> => {
    await life.login(OWNER, [], undefined);
    return life.id;
  };

  /** The ids of the logins that were answered, of which the first was held at step `n`. */
  const logInTwice = async (
    n: number,
    meanwhile: (late: SessionLife) => Promise<void> = async () => {},
  ): Promise<string[]> => {
    const { id } = await beginSession(first);
    const [early, late] = await Promise.all([first.visit(id), second.visit(id)]);
    const held = steps.holdAt(n);
    const login = logIn(early);
    await Promise.race([held.arrived, login]);
    const outcomes = await Promise.allSettled([logIn(late)]);
    await meanwhile(late);
    held.release();
    outcomes.push(...(await Promise.allSettled([login])));
    return outcomes.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  };

  const listedKeys = async (): Promise<string[]> =>
    (await second.store.owned.list(OWNER)).map(({ entry }) => entry.key);

  afterEach(async () => {
    steps.reset();
    await second.store.owned.revokeAll(OWNER, undefined);
  });

  it.each(EVERY_STEP)('leave one of them, where one session is allowed (step %i)', async (n) => {
    start(1);
    const before = await beginSession(second, OWNER);
    const ids = await logInTwice(n);
    expect(ids).toHaveLength(1);
    const loggedIn = await second.store.open(ids[0] ?? '');
    expect(loggedIn?.snapshot.record.owner).toBe(OWNER);
    expect(loggedIn?.snapshot.record.variables.get('begun')).toBe(true);
    expect(await opens(second, before.id)).toBe(false);
    expect(await listedKeys()).toEqual([loggedIn?.snapshot.key]);
  });

  it.each(EVERY_STEP)('end one other session, where two are allowed (step %i)', async (n) => {
    start(2);
    const oldest = await beginSession(second, OWNER);
    const newer = await beginSession(second, OWNER);
    const ids = await logInTwice(n);
    expect(ids).toHaveLength(1);
    expect(await opens(second, ids[0] ?? '')).toBe(true);
    expect(await opens(second, oldest.id)).toBe(false);
    expect(await opens(second, newer.id)).toBe(true);
  });

  it.each(EVERY_STEP)('end by the key of either, as the owner sees them (step %i)', async (n) => {
    start(10);
    const ids = await logInTwice(n, async (late) => {
      const [other = late.key] = (await listedKeys()).filter((key) => key !== late.key);
      expect(await second.store.owned.revoke(OWNER, other)).toBe(true);
    });
    const found = await Promise.all(ids.map((id) => opens(second, id)));
    expect(found).not.toContain(true);
    expect(await listedKeys()).toEqual([]);
  });

  it('end by the key of the one that fails, though the other has a new id by then', async () => {
    start(10);
    const revoking = new SteppedAdapter(memory);
    const registry = startProcess(revoking).store.owned;
    const { id } = await beginSession(first);
    const [early, late] = await Promise.all([first.visit(id), second.visit(id)]);
    const held = steps.holdAt(BEFORE_MARK);
    const login = Promise.allSettled([logIn(early)]);
    await held.arrived;
    await logIn(late);
    const [failing = ''] = (await listedKeys()).filter((key) => key !== late.key);
    const destroying = revoking.holdAt(2);
    const revoked = registry.revoke(OWNER, failing);
    await destroying.arrived;
    await late.regenerate(true);
    held.release();
    await login;
    destroying.release();
    expect(await revoked).toBe(true);
    expect(await opens(second, late.id)).toBe(false);
  });
});
