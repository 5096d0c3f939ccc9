import type { BoundedCall } from '../bounded-calls.js';
import type { IoredisClient, RedisCommand, RedisConnection } from './redis-client.js';

/**
 * Drives ioredis. A command that finds the connection down waits here for the attempt to connect
 * that is under way, and fails with it: in the client's own queue it could be sent after its time.
 */
export class IoredisConnection implements RedisConnection {
  readonly #client: IoredisClient;
  readonly #lastError: () => Error | undefined;
  readonly #beforeSend: () => void;
  #attempt: Promise<void> | undefined;
  #abandon = (): void => {};

  /**
   * @param lastError what the client complained of last, if that is known
   * @param beforeSend called when a command is about to be written
   */
  constructor(
    client: IoredisClient,
    lastError: () => Error | undefined = () => undefined,
    beforeSend: () => void = () => {},
  ) {
    this.#client = client;
    this.#lastError = lastError;
    this.#beforeSend = beforeSend;
  }

  send(command: RedisCommand, _key: string | undefined, call: BoundedCall): Promise<unknown> {
    if (this.#client.status === 'ready') return this.#write(command, call);
    this.#attempt ??= this.#nextAttempt().finally(() => (this.#attempt = undefined));
    return this.#attempt.then(() => this.#write(command, call));
  }

  /** What waits for the connection waits no longer. */
  release(): void {
    this.#abandon();
  }

  #write([name, ...args]: RedisCommand, call: BoundedCall): Promise<unknown> {
    call.throwIfCancelled();
    this.#beforeSend();
    return this.#client.call(name, ...args);
  }

  #nextAttempt(): Promise<void> {
    const client = this.#client;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        client.off('ready', onReady);
        client.off('close', onLost);
        client.off('end', onLost);
        outcome();
      };
      const onReady = (): void => settle(resolve);
      const onLost = (): void => settle(() => reject(this.#failure()));
      this.#abandon = onLost;
      client.on('ready', onReady);
      client.on('close', onLost);
      client.on('end', onLost);
      if (client.status === 'end') onLost();
      // Made with lazyConnect. How the attempt ends arrives as one of the events.
      if (client.status === 'wait') client.connect().catch(() => {});
    });
  }

  #failure(): Error {
    return (
      this.#lastError() ?? new Error(`The ioredis client has status "${this.#client.status}".`)
    );
  }
}
