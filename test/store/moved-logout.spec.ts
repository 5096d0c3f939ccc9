import { beforeEach, describe, expect, it } from '@jest/globals';
import { SessionConflictException } from 'nestjs-session-bag';
import {
  answered,
  beginSession,
  opens,
  type SessionProcess,
  startProcess,
  write,
} from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter } from '../support/counting-adapter.js';

const RENEW_AFTER = 60;
const after = stopClock();

/** Whether a logout is acknowledged, and the other requests of its session come through. */
type Outcome = [left: PromiseSettledResult<void>['status'], isOpen: boolean];

describe('R12 a logout of a session that another request gives a new id', () => {
  let adapter: CountingAdapter;

  beforeEach(() => {
    adapter = new CountingAdapter();
  });

  /** The new id is there, and the old one about to be removed, when the logout comes. */
  async function leaveDuring(
    processes: readonly [SessionProcess, SessionProcess],
    owners: readonly (string | undefined)[] = [],
  ): Promise<Outcome> {
    const [one, two] = processes;
    const [owner, nextOwner] = owners;
    const begun = await beginSession(one, owner);
    const [leaving, moving] = await Promise.all([one.visit(begun.id), two.visit(begun.id)]);
    const deletion = adapter.holdNext('destroy');
    const moved = nextOwner ? moving.login(nextOwner, [], undefined) : moving.regenerate(true);
    await deletion.arrived;
    const left = leaving.destroy();
    if (one !== two) await Promise.allSettled([left]);
    deletion.release();
    const [{ status }] = await Promise.allSettled([left, moved]);
    return [status, await opens(two, moving.id)];
  }

  it.each([
    ['with renewAfter', RENEW_AFTER * 100],
    ['without', undefined],
  ])('ends the new one, too, in one process %s', async (_, renewAfter) => {
    const process = startProcess(adapter, renewAfter === undefined ? {} : { renewAfter });
    expect(await leaveDuring([process, process])).toEqual(['fulfilled', false]);
  });

  it.each([
    ['with renewAfter', RENEW_AFTER * 100],
    ['without', undefined],
  ])('is refused where it cannot tell the new one, in two processes %s', async (_, renewAfter) => {
    const start = (): SessionProcess =>
      startProcess(adapter, renewAfter === undefined ? {} : { renewAfter });
    expect(await leaveDuring([start(), start()])).toEqual(['rejected', true]);
  });

  it.each([undefined, 'kimbra'])('ends the newest by the oldest of three (%s)', async (owner) => {
    const process = startProcess(adapter);
    const begun = await beginSession(process);
    const [leaving, moving] = [await process.visit(begun.id), await process.visit(begun.id)];
    await moving.regenerate(true);
    const deletion = adapter.holdNext('destroy');
    const moved = owner ? moving.login(owner, [], undefined) : moving.regenerate(true);
    await deletion.arrived;
    const left = leaving.destroy();
    deletion.release();
    await Promise.all([moved, left]);
    expect(await opens(process, moving.id)).toBe(false);
  });

  it('ends it though the store fails at the first look', async () => {
    const process = startProcess(adapter);
    const begun = await beginSession(process);
    const leaving = await process.visit(begun.id);
    adapter.failNext('read');
    await leaving.destroy();
    expect(await opens(process, begun.id)).toBe(false);
  });

  it('ends the session of somebody else that it has become in one process', async () => {
    const process = startProcess(adapter);
    expect(await leaveDuring([process, process], ['admin', 'kimbra'])).toEqual([
      'fulfilled',
      false,
    ]);
    expect(await process.store.owned.list('kimbra')).toEqual([]);
  });

  it('is refused where that is in another process', async () => {
    const processes = [startProcess(adapter), startProcess(adapter)] as const;
    expect(await leaveDuring(processes, ['admin', 'kimbra'])).toEqual(['rejected', true]);
  });

  it('ends it under an id that only the other process renews', async () => {
    const renewing = startProcess(adapter, { renewAfter: RENEW_AFTER });
    const old = startProcess(adapter);
    const begun = await beginSession(old);
    const leaving = await old.visit(begun.id);
    after(RENEW_AFTER);
    const renewed = await answered(renewing, begun.id);
    expect(renewed.id).not.toBe(begun.id);
    await leaving.destroy();
    expect(await opens(old, renewed.id)).toBe(false);
  });

  it('ends it though its id was renewed so long ago that the old one leads nowhere', async () => {
    const process = startProcess(adapter, { renewAfter: RENEW_AFTER });
    const begun = await beginSession(process);
    const leaving = await process.visit(begun.id);
    after(RENEW_AFTER);
    const renewed = await answered(process, begun.id);
    after(RENEW_AFTER + 31);
    await leaving.destroy();
    expect(await opens(process, renewed.id)).toBe(false);
  });

  it.each([undefined, 'kimbra'])(
    'ends it after a conflict in the same request (%s)',
    async (owner) => {
      const process = startProcess(adapter);
      const begun = await beginSession(process, owner);
      const leaving = await process.visit(begun.id);
      const moving = await process.visit(begun.id);
      await moving.regenerate(true);
      await expect(write(leaving, 'leftAt', 1)).rejects.toThrow(SessionConflictException);
      await leaving.destroy();
      expect(await opens(process, moving.id)).toBe(false);
    },
  );

  it('ends it after a login that was refused as all sessions of that owner were ended', async () => {
    const process = startProcess(adapter);
    const other = startProcess(adapter);
    const session = await beginSession(process, 'admin');
    const { id } = session;
    // The first one is of the owner's list.
    adapter.planNext('create', (execute) => execute());
    const held = adapter.holdNext('create');
    const login = session.login('kimbra', [], undefined);
    await held.arrived;
    await other.store.owned.revokeAll('kimbra', undefined);
    held.release();
    await expect(login).rejects.toThrow(SessionConflictException);
    await session.destroy();
    expect(await opens(other, id)).toBe(false);
  });
});
