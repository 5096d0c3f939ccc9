import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { answered, beginSession, opens, startProcess } from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter, type Plan } from '../support/counting-adapter.js';
import { pollUntil } from '../support/poll.js';

const RENEW_AFTER = 60;
const after = stopClock();

describe('two requests that give one session a new id, of which one came by its old id', () => {
  it('R20 lose no session where the store goes down in the middle', async () => {
    const adapter = new CountingAdapter();
    const options = { renewAfter: RENEW_AFTER, storeTimeout: 200 };
    const one = startProcess(adapter, options);
    const other = startProcess(adapter, options);
    const begun = await beginSession(one);
    const byOldId = await one.visit(begun.id);
    after(RENEW_AFTER);
    const renewed = await answered(one, begun.id);
    const byNewId = await one.visit(renewed.id);

    // Were both on their way at once, each would have made its new record by now.
    const arrived: true[] = [];
    const arrive = async (): Promise<void> => {
      arrived.push(true);
      for (let turn = 0; turn < 50 && arrived.length < 2; turn++) await nextTurn();
    };
    const markAndGoDown: Plan = async (execute) => {
      await arrive();
      await execute();
      adapter.isDown = true;
      throw adapter.fault;
    };
    const fail: Plan = async () => {
      await arrive();
      await nextTurn();
      throw adapter.fault;
    };
    adapter.planNext('update', markAndGoDown, renewed.key);
    adapter.planNext('update', fail, renewed.key);
    const moves = await Promise.allSettled([byOldId.regenerate(true), byNewId.regenerate(true)]);
    expect(moves.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    adapter.isDown = false;

    const isBack = (): Promise<boolean> => opens(other, renewed.id).catch(() => false);
    await pollUntil(isBack, { within: 3000, what: 'the session under its id' });
    expect(await opens(one, renewed.id)).toBe(true);
  });
});
