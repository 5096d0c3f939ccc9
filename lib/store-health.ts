import { Inject, Injectable } from '@nestjs/common';
import type { SessionAdapter } from './adapters/session-adapter.js';
import { SESSION_ADAPTER, SESSION_SETTINGS } from './session.constants.js';
import type { SessionSettings } from './session.options.js';
import { Deadline } from './store/deadline.js';

/** Whether the store answers, and how fast. */
export interface StoreState {
  readonly isUp: boolean;
  readonly durationMs: number;
}

/** Asks the store whether it is there. */
@Injectable()
export class StoreHealth {
  readonly #adapter: SessionAdapter;
  readonly #settings: SessionSettings;

  constructor(
    @Inject(SESSION_ADAPTER) adapter: SessionAdapter,
    @Inject(SESSION_SETTINGS) settings: SessionSettings,
  ) {
    this.#adapter = adapter;
    this.#settings = settings;
  }

  /** The name of a built-in adapter, or of the application's class. */
  get adapterName(): string {
    const { adapter } = this.#settings;
    return typeof adapter === 'string' ? adapter : adapter.constructor.name;
  }

  /** Never rejects, and answers within `storeTimeout`. */
  async check(): Promise<StoreState> {
    const start = performance.now();
    const isUp = await new Deadline(this.#settings.storeTimeout).race(this.#ask()).then(
      () => true,
      () => false,
    );
    return { isUp, durationMs: performance.now() - start };
  }

  /** An adapter without a ping is asked for a record that nobody has. */
  async #ask(): Promise<void> {
    if (this.#adapter.ping) await this.#adapter.ping();
    else await this.#adapter.read(`${this.#settings.prefix}ping`);
  }
}
