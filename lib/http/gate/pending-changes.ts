import type { ServerResponse } from 'node:http';
import { reportLostChanges } from '../refused-answer.js';
import type { GatedExchange, GateLogger } from './gated-exchange.js';

/** The changes that an answer waits for: whether there are any to commit, and their commit. */
export class PendingChanges {
  readonly #response: ServerResponse;
  readonly #exchange: GatedExchange;
  readonly #logger: GateLogger;
  #committing: Promise<void> | undefined;
  #isLost = false;

  constructor(response: ServerResponse, exchange: GatedExchange, logger: GateLogger) {
    this.#response = response;
    this.#exchange = exchange;
    this.#logger = logger;
  }

  /** Whether a commit failed. No other is tried: what the client was told would not be true. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether something is to be committed: never a new session for a client that is gone. */
  exist(): boolean {
    if (this.#isLost || !this.#exchange.hasChanges()) return false;
    return this.#exchange.isStored || !this.#isClientGone();
  }

  /** Resolves when nothing is left; rejects, after logging it once, when a commit fails. */
  commit(): Promise<void> {
    this.#committing ??= this.#commitAll().finally(() => (this.#committing = undefined));
    return this.#committing;
  }

  async #commitAll(): Promise<void> {
    try {
      while (this.exist()) await this.#exchange.commit();
    } catch (error) {
      this.#isLost = true;
      reportLostChanges(this.#logger, error);
      throw error;
    }
  }

  #isClientGone(): boolean {
    return this.#response.destroyed || this.#response.req.socket.destroyed;
  }
}
