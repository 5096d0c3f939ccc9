import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionStoreUnavailableException } from 'nestjs-session-bag';
import { createId, sessionKey } from '../../lib/record/ids.js';
import { serializeRecord } from '../../lib/record/record.js';
import {
  answered,
  beginSession,
  opens,
  type SessionProcess,
  startProcess,
  write,
} from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter, type Plan } from '../support/counting-adapter.js';
import { pollUntil } from '../support/poll.js';

const RENEW_AFTER = 60;
/** Seconds: longer than an old id leads on that is settled. */
const OUTAGE = 45;
const IN_TIME = { within: 5000, what: 'the store is in order again' };
const after = stopClock();

describe('renewal of ids whose mark has no answer', () => {
  let adapter: CountingAdapter;
  let renewing: SessionProcess;
  let other: SessionProcess;
  let id: string;
  let key: string;

  /** The mark is set, its answer is lost, and the store is away for some time. */
  const failRenewal = async (): Promise<void> => {
    const loseMark: Plan = async (execute) => {
      await execute();
      adapter.isDown = true;
      throw adapter.fault;
    };
    adapter.planNext('update', loseMark, key);
    after(RENEW_AFTER);
    expect((await renewing.visit(id)).id).toBe(id);
    after(RENEW_AFTER + OUTAGE);
    adapter.isDown = false;
  };

  const start = (options: object = {}): SessionProcess =>
    startProcess(adapter, { renewAfter: RENEW_AFTER, ...options });

  beforeEach(async () => {
    adapter = new CountingAdapter();
    renewing = start();
    other = start();
    ({ id, key } = await beginSession(renewing, 'anna'));
  });

  it.each(['the same', 'another'])('leads on in %s process, and in parallel', async (which) => {
    await failRenewal();
    const process = which === 'the same' ? renewing : other;
    const lives = await Promise.all([1, 2, 3].map(() => answered(process, id)));
    const ids = new Set(lives.map((life) => life.id));
    expect(ids.size).toBe(1);
    expect(ids).not.toContain(id);
    expect(lives.map(({ values }) => values.get({ name: 'begun' }))).toEqual([true, true, true]);
  });

  it('leads on for 30 seconds from the first answer that tells the new id', async () => {
    await failRenewal();
    after(1000);
    const { id: newId } = await answered(other, id);
    after(1029.9);
    expect(await opens(renewing, id)).toBe(true);
    after(1030);
    expect([await opens(renewing, id), await opens(other, id)]).toEqual([false, false]);
    expect(await opens(renewing, newId)).toBe(true);
  });

  it('leads on for whoever cannot be told the new id', async () => {
    await failRenewal();
    expect(await opens(other, id)).toBe(true);
    await other.store.open(id);
    after(1000);
    expect(await opens(other, id)).toBe(true);
  });

  it('leads on though the answer that was to tell the new id is refused', async () => {
    await failRenewal();
    const life = await other.visit(id);
    adapter.failNext('update', 3);
    await expect(write(life, 'n', 1)).rejects.toThrow(SessionStoreUnavailableException);
    after(1000);
    expect(await opens(other, id)).toBe(true);
  });

  it('R20 stands for as long as the session would have lived', async () => {
    const updates = jest.spyOn(adapter, 'update');
    await failRenewal();
    const [, , ttl] = updates.mock.calls.find(([marked]) => marked === key) ?? [];
    expect(ttl).toBe(3600);
  });

  it('ends both ids by a logout under the old one', async () => {
    await failRenewal();
    const leaving = await other.visit(id);
    const { id: newId } = leaving;
    await leaving.destroy();
    for (const process of [renewing, other, start()]) {
      expect([await opens(process, id), await opens(process, newId)]).toEqual([false, false]);
    }
    expect(await other.store.owned.list('anna')).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['', () => adapter.loseAnswers('update')],
    [
      ', and two were not done before',
      () => {
        adapter.failNext('update', 2);
        adapter.loseAnswers('update');
      },
    ],
    [
      ', nor had the look for it',
      () => {
        adapter.loseAnswers('update');
        adapter.planNext('read', (execute) => execute(), key);
        adapter.failNext('read');
      },
    ],
  ])('R12 acknowledges a logout whose end stands though it had no answer%s', async (_, fail) => {
    const leaving = await renewing.visit(id);
    fail();
    adapter.failNext('destroy');
    await leaving.destroy();
    expect([await opens(renewing, id), await opens(other, id)]).toEqual([false, false]);
  });

  it('is too late once the old id is in use again', async () => {
    let comeLate: () => Promise<unknown> = () => Promise.resolve();
    const delayMark: Plan = (execute) => {
      comeLate = execute;
      adapter.isDown = true;
      return Promise.reject(adapter.fault);
    };
    renewing = start({ storeTimeout: 50 });
    adapter.planNext('update', delayMark, key);
    after(RENEW_AFTER);
    const life = await renewing.visit(id);
    adapter.isDown = false;
    await pollUntil(async () => (await other.store.owned.list('anna')).length === 1, IN_TIME);
    expect(await comeLate()).toBe(false);
    expect(life.id).toBe(id);
    expect(await opens(other, id)).toBe(true);
  });

  it('is revoked under both keys by the new one, though no mark stands', async () => {
    let newKey = '';
    adapter.planNext(
      'update',
      async () => {
        const keys = (await other.store.owned.list('anna')).map(({ entry }) => entry.key);
        newKey = keys.find((listed) => listed !== key) ?? '';
        expect(await other.store.owned.revoke('anna', newKey)).toBe(true);
        throw adapter.fault;
      },
      key,
    );
    after(RENEW_AFTER);
    await renewing.visit(id);
    expect(await opens(other, id)).toBe(false);
    expect(await adapter.peek(newKey)).toBeUndefined();
  });

  it('takes no session away that others were led to while its process knew nothing', async () => {
    const own = new CountingAdapter(adapter);
    const cutOff = startProcess(own, { renewAfter: RENEW_AFTER, storeTimeout: 50 });
    own.planNext(
      'update',
      async (execute) => {
        await execute();
        own.isDown = true;
        throw own.fault;
      },
      key,
    );
    after(RENEW_AFTER);
    await cutOff.visit(id);
    const { id: newId } = await answered(other, id);
    // The store does not give it any more: it was settled, and by this clock its time is up.
    await adapter.destroy(key);
    own.reset();
    own.isDown = false;
    await pollUntil(() => own.calls.some((call) => call.key === key), IN_TIME);
    expect(await opens(cutOff, newId)).toBe(true);
  });

  it('opens nothing, at once, with an alias that was not sealed for it', async () => {
    const forged = createId();
    const forgedKey = sessionKey('sess:', forged);
    const mark = { replacedBy: 'x', alias: { sealed: 'A'.repeat(79) }, isUnsettled: true };
    await adapter.create(forgedKey, serializeRecord(forgedKey, mark), 3600);
    adapter.reset();
    expect(await opens(other, forged)).toBe(false);
    expect(adapter.count()).toBe(1);
  });
});
