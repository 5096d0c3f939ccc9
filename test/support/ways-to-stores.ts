import type fc from 'fast-check';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../lib/adapters/session-adapter.js';

type Run = <T>(call: () => Promise<T>) => Promise<T>;

/** A way to a store on which every call is run by somebody else. */
export class WayTo extends SessionAdapter {
  readonly #inner: SessionAdapter;
  readonly #run: Run;

  constructor(inner: SessionAdapter, run: Run) {
    super();
    this.#inner = inner;
    this.#run = run;
  }

  read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#run(() => this.#inner.read(key, ttl));
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#run(() => this.#inner.create(key, data, ttl));
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.#run(() => this.#inner.update(key, data, ttl, version));
  }

  destroy(key: string): Promise<void> {
    return this.#run(() => this.#inner.destroy(key));
  }
}

/** Every call arrives, and every answer, when the scheduler says so. */
export class ScheduledAdapter extends WayTo {
  constructor(inner: SessionAdapter, scheduler: fc.Scheduler) {
    super(inner, async (call) => {
      await scheduler.schedule(Promise.resolve());
      const answer = await call();
      await scheduler.schedule(Promise.resolve());
      return answer;
    });
  }
}

/** A process that dies at one of its calls, to whichever store that is. */
export class DyingProcess {
  #left: number;
  readonly #isDone: boolean;

  /** @param isDone whether the store still does what it was asked in that call */
  constructor(step: number, isDone: boolean) {
    this.#left = step;
    this.#isDone = isDone;
  }

  get isAlive(): boolean {
    return this.#left > 0;
  }

  wayTo(store: SessionAdapter): SessionAdapter {
    return new WayTo(store, async (call) => {
      this.#left--;
      if (this.#left === 0 && this.#isDone) await call();
      if (this.#left <= 0) throw new Error('The process has died.');
      return call();
    });
  }
}
