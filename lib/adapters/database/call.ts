import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import {
  isConnectionUseless,
  isTimeout,
  isWithoutEffect,
  refused,
  timedOut,
  unreachable,
} from './errors.js';

/** A query builder or a raw statement of knex. */
export interface Statement<T> extends PromiseLike<T> {
  connection(connection: unknown): this;
  timeout(milliseconds: number): this;
}

/** What knex calls its client; the application's own knex has one as well. */
interface ConnectionPool {
  acquireConnection(): Promise<object>;
  releaseConnection(connection: object): Promise<void>;
}

/** Sends a statement on the connection of its call; its errors hold no key and no data. */
export type Execute = <T>(statement: Statement<T>) => Promise<T>;

/**
 * One call of the adapter and the time it has. Once it is over its caller has an answer: what goes
 * on behind it sends nothing more and gives its connection back.
 */
export class Call {
  readonly #limit: number;
  /** The time of `performance.now()` at which its time is over. */
  readonly end: number;
  #over = false;
  #isConnectionUseless = false;

  /** @param limit milliseconds */
  constructor(limit: number) {
    this.#limit = limit;
    this.end = performance.now() + limit;
  }

  finish(): void {
    this.#over = true;
  }

  /** Keeps a connection of the pool for as long as `work` runs. */
  async withConnection<T>(
    knex: Knex,
    work: (execute: Execute, connection: object) => Promise<T>,
  ): Promise<T> {
    const pool = knex.client as ConnectionPool;
    const connection = await this.#attempt(() => pool.acquireConnection(), unreachable);
    try {
      return await work(
        (statement) => this.#attempt(() => this.#send(statement, connection), refused),
        connection,
      );
    } finally {
      // Only now: a replica still answers what else the call asks.
      if (this.#isConnectionUseless) disconnect(connection);
      await pool.releaseConnection(connection);
    }
  }

  /** The connection of this call is ended with it. */
  giveUpConnection(): void {
    this.#isConnectionUseless = true;
  }

  /** Tries again as long as there is time and the attempt is known to have changed nothing. */
  async #attempt<T>(step: () => Promise<T>, translate: (error: unknown) => Error): Promise<T> {
    for (;;) {
      this.#throwIfOver();
      try {
        return await step();
      } catch (thrown) {
        const error = isTimeout(thrown) ? timedOut(this.#limit) : translate(thrown);
        if (!isWithoutEffect(error)) throw error;
      }
      await delay(5 + Math.random() * 20, undefined, { ref: false });
    }
  }

  async #send<T>(statement: Statement<T>, connection: object): Promise<T> {
    const remaining = Math.max(1, Math.ceil(this.end - performance.now()));
    try {
      return await statement.connection(connection).timeout(remaining);
    } catch (error) {
      if (isTimeout(error) || isConnectionUseless(error)) this.giveUpConnection();
      throw error;
    }
  }

  #throwIfOver(): void {
    if (this.#over || performance.now() >= this.end) throw timedOut(this.#limit);
  }
}

/**
 * Ends a connection that hangs, or is of no use any more. Knex does not lend again what bears its mark,
 * but closes it only when somebody asks for the next one, and with a goodbye that mysql2 keeps for
 * after the answer that does not come.
 */
function disconnect(connection: object): void {
  Object.assign(connection, {
    __knex__disposed: 'The session database adapter ended it.',
  });
  const { destroy, end } = connection as { destroy?: () => void; end?: () => void };
  if (destroy) destroy.call(connection);
  else end?.call(connection);
}
