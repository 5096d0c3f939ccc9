import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  answered,
  beginSession,
  type SessionProcess,
  startProcess,
  write,
} from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter } from '../support/counting-adapter.js';

const RENEW_AFTER = 60;
const after = stopClock();

describe('processes of which one renews ids, as while an option is rolled out', () => {
  let adapter: CountingAdapter;
  let renewing: SessionProcess;
  let old: SessionProcess;

  beforeEach(() => {
    adapter = new CountingAdapter();
    renewing = startProcess(adapter, { renewAfter: RENEW_AFTER });
    old = startProcess(adapter);
  });

  it('R13 stores what two requests of the other one write under the old and the new id', async () => {
    const begun = await beginSession(old);
    await write(begun, 'before', 1);
    const slow = await old.visit(begun.id);
    after(RENEW_AFTER);

    const held = adapter.holdNext('update', begun.key);
    slow.values.set({ name: 'slow' }, 1);
    const storing = slow.commit(true);
    await held.arrived;
    const renewed = await answered(renewing, begun.id);
    expect(renewed.id).not.toBe(begun.id);
    await write(await old.visit(renewed.id), 'quick', 1);
    held.release();
    await storing;

    const { values } = await old.visit(renewed.id);
    expect(['before', 'slow', 'quick'].map((name) => values.get({ name }))).toEqual([1, 1, 1]);
  });
});
