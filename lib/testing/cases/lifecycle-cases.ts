import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  assertData,
  assertEndsInTime,
  forgetsAll,
  freshKey,
  SHORT,
  stored,
  type AdapterCase,
} from '../adapter-case.js';

/** Milliseconds after which a call on a closed adapter counts as hanging. */
const SETTLE_TIME = 5000;

export const lifecycleCases: readonly AdapterCase[] = [
  {
    title: 'does nothing when it is opened again',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      await stored(adapter, key, 'data');
      await adapter.open?.();
      await assertData(adapter, key, 'data');
    },
  },
  {
    title: 'answers a ping, if it has one',
    body: async (adapter) => {
      assert.equal(await adapter.ping?.(), undefined);
    },
  },
  {
    title: 'leaves live records when it sweeps, if it does',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      await stored(adapter, key, 'live');
      if (adapter.sweep) {
        const ended = freshKey();
        await assertEndsInTime(adapter, ended, () => adapter.create(ended, 'ended', SHORT));
        const count = await adapter.sweep();
        assert.ok(Number.isSafeInteger(count) && count >= 0, 'sweep has to give a count');
        assert.equal(await adapter.read(ended), undefined);
      }
      await assertData(adapter, key, 'live');
    },
  },
  {
    title: 'does nothing when it is closed again',
    body: async (adapter) => {
      await adapter.close?.();
      assert.equal(await adapter.close?.(), undefined);
    },
  },
  {
    title: 'R25 rejects or answers after it was closed, but does not call a live record absent',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      await stored(adapter, key, 'data');
      await adapter.close?.();
      const over = new AbortController();
      const answer = await Promise.race([
        adapter.read(key).then(
          (record) => record?.data ?? 'absent',
          () => 'rejected',
        ),
        delay(SETTLE_TIME, 'hanging', { signal: over.signal }),
      ]);
      over.abort();
      assert.ok(['data', 'rejected'].includes(answer), `a closed adapter answered: ${answer}`);
    },
  },
];
