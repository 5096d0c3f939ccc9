import { Inject, Injectable, Logger } from '@nestjs/common';
import { makeSessionAdapter } from './adapters/create-session-adapter.js';
import type { SessionAdapter } from './adapters/session-adapter.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from './exceptions/session.exceptions.js';
import { SESSION_SETTINGS } from './session.constants.js';
import type { SessionSettings } from './session.options.js';

/** Makes and opens the adapter, and closes what it has made. */
@Injectable()
export class AdapterLifecycle {
  readonly #settings: SessionSettings;
  readonly #logger = new Logger('SessionModule');
  #made: SessionAdapter | undefined;

  constructor(@Inject(SESSION_SETTINGS) settings: SessionSettings) {
    this.#settings = settings;
  }

  /**
   * @throws InvalidSessionOptionsException
   * @throws SessionStoreUnavailableException when the store cannot be reached and that is to stop
   * the boot
   */
  async open(): Promise<SessionAdapter> {
    const adapter = await makeSessionAdapter(this.#settings.options);
    const { adapter: given, revocations } = this.#settings;
    if (adapter !== given && adapter !== revocations) this.#made = adapter;
    try {
      await adapter.open?.();
    } catch (error) {
      const areOptionsWrong = error instanceof InvalidSessionOptionsException;
      if (areOptionsWrong || this.#settings.failFast) {
        // Some adapters go on trying to connect until they are closed.
        await this.#made?.close?.().catch(() => {});
        throw areOptionsWrong ? error : unreachable(error);
      }
      this.#logger.warn(
        'The session store cannot be reached. Routes with a session answer 503 until it is there.',
      );
    }
    return adapter;
  }

  async close(): Promise<void> {
    await this.#made?.close?.();
  }
}

function unreachable(cause: unknown): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    'The session store cannot be reached. Start it or correct the options; with failFast: false ' +
      'the application starts without it.',
    { cause },
  );
}
