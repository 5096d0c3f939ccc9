import type { Redis } from 'ioredis';
import { SessionStoreUnavailableException } from '../../exceptions/session.exceptions.js';
import type { BoundedCall } from '../bounded-calls.js';
import type { RedisCommand, RedisConnection } from './redis-client.js';
import { replyCode, withoutArguments } from './redis-errors.js';

/** No command counts as long as the server refuses the database of the option `db`. */
export class DatabaseRefusedException extends SessionStoreUnavailableException {
  constructor(cause: Error) {
    super(
      'Redis refused the database of the option db. Choose one that it has (see its setting ' +
        '`databases`), and allow its user SELECT.',
      { cause },
    );
  }

  override get name(): string {
    return SessionStoreUnavailableException.name;
  }
}

/**
 * A connection whose database was chosen by the option `db`. Where the server refuses that, ioredis
 * goes on in database 0, which may be another application's: here no command counts then. The
 * refusal is there before the answer of any later command.
 */
export class SelectedDatabase implements RedisConnection {
  readonly #connection: RedisConnection;
  #refusal: Error | undefined;

  constructor(connection: RedisConnection, client: Redis) {
    this.#connection = connection;
    client.on('connect', () => (this.#refusal = undefined));
    client.on('error', (error) => {
      if (isRefusal(error)) this.#refusal = error;
    });
  }

  async send(command: RedisCommand, key: string | undefined, call: BoundedCall): Promise<unknown> {
    this.#assertSelected();
    const answer = await this.#connection.send(command, key, call);
    this.#assertSelected();
    return answer;
  }

  #assertSelected(): void {
    if (this.#refusal === undefined) return;
    throw new DatabaseRefusedException(withoutArguments(this.#refusal));
  }
}

/** A login that is refused, or a connection that was lost meanwhile, says nothing of the database. */
function isRefusal(error: Error): boolean {
  const { command } = error as { command?: { name?: unknown } };
  return command?.name === 'select' && ['ERR', 'NOPERM'].includes(replyCode(error) ?? '');
}
