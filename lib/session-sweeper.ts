import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { SessionAdapter } from './adapters/session-adapter.js';
import { SESSION_ADAPTER } from './session.constants.js';

const INTERVAL_MS = 600_000;
/** The share of the interval by which processes drift apart. */
const DRIFT = 0.2;

/** Has the adapter remove what has expired, where the store does not do so itself. */
@Injectable()
export class SessionSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #adapter: SessionAdapter;
  readonly #logger = new Logger('SessionModule');
  #timer: NodeJS.Timeout | undefined;
  #isShutDown = false;

  constructor(@Inject(SESSION_ADAPTER) adapter: SessionAdapter) {
    this.#adapter = adapter;
  }

  onApplicationBootstrap(): void {
    if (this.#adapter.sweep) this.#schedule();
  }

  onApplicationShutdown(): void {
    this.#isShutDown = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const ms = INTERVAL_MS * (1 + DRIFT * (2 * Math.random() - 1));
    this.#timer = setTimeout(() => void this.#sweep(), ms).unref();
  }

  async #sweep(): Promise<void> {
    try {
      await this.#adapter.sweep?.();
    } catch {
      this.#logger.warn('Expired sessions could not be removed now; the next sweep tries again.');
    }
    if (!this.#isShutDown) this.#schedule();
  }
}
