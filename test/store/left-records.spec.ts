import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionStoreUnavailableException } from 'nestjs-session-bag';
import { CountingAdapter, type Plan } from '../support/counting-adapter.js';
import { UnitSessions } from '../support/unit-session.js';

const RENEW_AFTER = 60;

describe('a record of which nobody will ever know the id', () => {
  let adapter: CountingAdapter;
  let sessions: UnitSessions;

  beforeEach(() => {
    adapter = new CountingAdapter();
    sessions = new UnitSessions(adapter, { renewAfter: RENEW_AFTER });
  });

  afterEach(() => void jest.restoreAllMocks());

  /** The keys under which records were created and still stand, when nothing is left to be done. */
  async function standing(): Promise<string[]> {
    await sessions.store.stop();
    const created = adapter.calls.filter(({ method }) => method === 'create');
    const keys = Array.from(new Set(created.map(({ key }) => key)));
    const records = await Promise.all(keys.map((key) => adapter.peek(key)));
    return keys.filter((_, index) => records[index] !== undefined);
  }

  it('is removed where a new session was refused that the store has taken', async () => {
    const session = await sessions.open();
    adapter.loseAnswers('create');
    adapter.failNext('read');
    await expect(session.set('a', 1).save()).rejects.toThrow(SessionStoreUnavailableException);
    expect(await standing()).toEqual([]);
  });

  it('is removed where it comes after the store was asked whether it is there', async () => {
    const session = await sessions.open();
    let comeLate = async (): Promise<unknown> => undefined;
    const late: Plan = (execute) => {
      comeLate = execute;
      return Promise.reject(adapter.fault);
    };
    adapter.planNext('create', late);
    await session.set('a', 1).save();
    expect(await comeLate()).toBe(true);
    expect(await standing()).toEqual([session.key]);
  });

  it('is removed where a renewal failed that has certainly marked nothing', async () => {
    const { id } = await sessions.stored();
    const elsewhere = await new UnitSessions(adapter).open(id);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + RENEW_AFTER * 1000);
    adapter.planNext('update', async (execute) => {
      await elsewhere.destroy();
      adapter.failNext('read');
      return execute();
    });
    await sessions.open(id);
    expect(await standing()).toEqual([]);
  });
});
