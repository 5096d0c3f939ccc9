import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionStoreUnavailableException } from 'nestjs-session-bag';
import { beginSession, startProcess, write } from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter } from '../support/counting-adapter.js';

const RENEW_AFTER = 60;
const after = stopClock();

describe('a renewal', () => {
  let adapter: CountingAdapter;
  let id: string;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    ({ id } = await beginSession(startProcess(adapter)));
    after(RENEW_AFTER);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('R23 takes the time that it costs in vain from that of the changes', async () => {
    jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'setImmediate', 'queueMicrotask'] });
    jest.spyOn(adapter, 'update').mockReturnValue(new Promise(() => {}));
    const storing = jest.fn();
    const process = startProcess(adapter, { renewAfter: RENEW_AFTER, storeTimeout: 2000 });
    void process.visit(id).then((life) => write(life, 'n', 1).catch(storing));
    await jest.advanceTimersByTimeAsync(3 * 2000);
    expect(storing).toHaveBeenCalledWith(expect.any(SessionStoreUnavailableException));
  });
});
