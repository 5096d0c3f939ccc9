import type { ServerResponse } from 'node:http';
import { SessionSerializationException } from '../../exceptions/session.exceptions.js';
import { type LossLogger, reportLostChanges } from '../loss-reports.js';
import type { GatedExchange } from './gated-exchange.js';

/** Milliseconds until the first look for changes of a handler whose client has gone. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 500;
/** Milliseconds after which nobody looks any more. */
const LOOKED_FOR = 300_000;
/** What is still changing after so many commits would hold the answer for ever. */
const MOST_COMMITS = 300;

/** The changes that an answer waits for: whether there are any to commit, and their commit. */
export class PendingChanges {
  readonly #response: ServerResponse;
  readonly #exchange: GatedExchange;
  readonly #logger: LossLogger;
  #committing: Promise<void> | undefined;
  #isLost = false;
  #isWatched = false;

  constructor(response: ServerResponse, exchange: GatedExchange, logger: LossLogger) {
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

  /**
   * Tells of changes that the application makes although its client has gone and its answer may never
   * come: within half a second each, and for five minutes.
   */
  watch(onFound: () => void): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const end = performance.now() + LOOKED_FOR;
    const lookAfter = (pause: number): void => void setTimeout(look, pause, pause).unref();
    const look = (pause: number): void => {
      if (this.#response.writableEnded || this.#isLost || performance.now() > end) return;
      if (this.exist()) onFound();
      lookAfter(Math.min(LONGEST_PAUSE, pause * 1.5));
    };
    lookAfter(FIRST_PAUSE);
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
      reportLostChanges(this.#logger, error, this.#exchange.route);
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
