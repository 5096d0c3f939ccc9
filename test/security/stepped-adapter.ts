import { EventEmitter, once } from 'node:events';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../lib/adapters/session-adapter.js';
import type { HeldCall } from '../support/counting-adapter.js';

type Execute<T> = () => Promise<T>;

/** What a process does from its n-th store call on. */
type Turn = <T>(step: number, execute: Execute<T>) => Promise<T>;

/** One process's way to a store: it can be stopped, or killed, at every single call. */
export class SteppedAdapter extends SessionAdapter {
  /** Every key that was ever given a record through here, indexes of owners left out. */
  readonly sessionKeys = new Set<string>();
  readonly #inner: SessionAdapter;
  #step = 0;
  #turn: Turn = (_, execute) => execute();

  constructor(inner: SessionAdapter) {
    super();
    this.#inner = inner;
  }

  /** How many calls there were since the last plan. */
  get steps(): number {
    return this.#step;
  }

  /** Nothing is planned any more, and steps count from 1 again. */
  reset(): void {
    this.#plan((_, execute) => execute());
  }

  /** The n-th call from now waits until it is released. */
  holdAt(n: number): HeldCall {
    const events = new EventEmitter();
    const arrived = once(events, 'arrived');
    const released = once(events, 'released');
    this.#plan(async (step, execute) => {
      if (step === n) {
        events.emit('arrived');
        await released;
      }
      return execute();
    });
    return { arrived, release: () => void events.emit('released') };
  }

  /** The process dies at the n-th call from now: no later one is done, and it is itself if `isDone`. */
  dieAt(n: number, isDone: boolean): void {
    this.#plan(async (step, execute) => {
      if (step === n && isDone) await execute();
      if (step >= n) throw new Error('The process has died.');
      return execute();
    });
  }

  /** The answer to the n-th call from now is lost: it is done, and rejects. */
  loseAnswerAt(n: number): void {
    this.#plan(async (step, execute) => {
      const answer = await execute();
      if (step === n) throw new Error('The answer was lost.');
      return answer;
    });
  }

  /** The next call is done, its answer is lost, and the call after it waits until it is released. */
  loseAnswerAndHold(): HeldCall {
    const held = this.holdAt(2);
    const turn = this.#turn;
    this.#turn = async (step, execute) => {
      const answer = await turn(step, execute);
      if (step === 1) throw new Error('The answer was lost.');
      return answer;
    };
    return held;
  }

  read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#run(() => this.#inner.read(key, ttl));
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    if (!key.includes('owner:')) this.sessionKeys.add(key);
    return this.#run(() => this.#inner.create(key, data, ttl));
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.#run(() => this.#inner.update(key, data, ttl, version));
  }

  destroy(key: string): Promise<void> {
    return this.#run(() => this.#inner.destroy(key));
  }

  #plan(turn: Turn): void {
    this.#step = 0;
    this.#turn = turn;
  }

  #run<T>(execute: Execute<T>): Promise<T> {
    return this.#turn(++this.#step, execute);
  }
}
