import type { ServerResponse } from 'node:http';
import { SessionSerializationException } from '../../exceptions/session.exceptions.js';
import { reportLostChanges } from '../loss-reports.js';
import type { GatedExchange, GateSurroundings } from './gated-exchange.js';

/** What is still changing after so many commits would hold the answer for ever. */
const MOST_COMMITS = 300;

/** The changes that an answer waits for: whether there are any to commit, and their commit. */
export class PendingChanges {
  readonly #response: ServerResponse;
  readonly #exchange: GatedExchange;
  readonly #around: GateSurroundings;
  #committing: Promise<void> | undefined;
  #isLost = false;
  #isWatched = false;

  constructor(response: ServerResponse, exchange: GatedExchange, around: GateSurroundings) {
    this.#response = response;
    this.#exchange = exchange;
    this.#around = around;
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

  /**
   * Tells of changes that the application makes although its client has gone and its answer may never
   * come.
   */
  watch(onFound: () => void): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#around.looks.add(() => {
      if (this.#response.writableEnded || this.#isLost) return false;
      if (this.exist()) onFound();
      return true;
    });
  }

  /** Resolves when nothing is left; rejects, after logging it once, when a commit fails. */
  commit(): Promise<void> {
    return (this.#committing ??= this.#commitAll());
  }

  async #commitAll(): Promise<void> {
    try {
      for (let commits = 0; this.exist(); commits++) {
        if (commits === MOST_COMMITS) throw endlessChanges();
        await this.#exchange.commit();
      }
    } catch (error) {
      this.#isLost = true;
      reportLostChanges(this.#around.logger, error, this.#exchange.route);
      throw error;
    } finally {
      this.#committing = undefined;
    }
  }

  #isClientGone(): boolean {
    return this.#response.destroyed || this.#response.req.socket.destroyed;
  }
}

function endlessChanges(): SessionSerializationException {
  return new SessionSerializationException(
    `The session had changed again after each of ${MOST_COMMITS} commits of one answer, which was ` +
      'therefore refused. Store no object whose getters give another value at each look, and stop ' +
      'what writes to the session before you answer.',
  );
}
