import { Client, type Response } from 'memjs';
import { CallTimer } from '../call-timer.js';
import { type Command, encode, isAnswerTo } from './commands.js';
import { at, connectionFailure, timedOut, UnprovenAnswerException } from './memcached-errors.js';
import type { Credentials } from './memcached-options.js';
import type { ServerAddress } from './server-address.js';
import { WatchedServer } from './watched-server.js';

/** The field that carries it has 32 bits; memjs's own count turns negative at half of them. */
const OPAQUES = 2 ** 31;

/** One connection, which is used until it breaks and never again. */
export class Connection {
  readonly #address: ServerAddress;
  readonly #server: WatchedServer;
  readonly #client: Client;
  /** The opaques of what was sent and is not settled. */
  readonly #pending = new Set<number>();
  readonly #timer = new CallTimer();
  #opaque = 0;

  constructor(
    address: ServerAddress,
    credentials: Credentials | undefined,
    onBroken: (connection: Connection) => void,
  ) {
    this.#address = address;
    this.#server = new WatchedServer(address, credentials, () => onBroken(this));
    this.#client = new Client([this.#server], { failover: false, logger: { log() {} } });
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** Bytes that nobody asked for: with nothing in flight there must be none. */
  get hasLeftovers(): boolean {
    return this.#pending.size === 0 && this.#server.responseBuffer.length > 0;
  }

  /**
   * Sends the command once, and connects first where need be. When no answer has come by
   * `deadline` (a time of `performance.now()`), the connection breaks.
   *
   * @throws UnprovenAnswerException when the answer is another's; the connection is broken by then
   */
  send(command: Command, deadline: number): Promise<Response> {
    const opaque = (this.#opaque = (this.#opaque + 1) % OPAQUES);
    return new Promise((resolve, reject) => {
      const limit = { end: deadline, expire: () => this.break(timedOut(this.#address)) };
      const settle = (error: unknown, response: Response): void => {
        // memjs also reports the break of the connection that a doubtful answer brought about.
        if (!this.#pending.delete(opaque)) return;
        this.#timer.remove(limit);
        if (error) reject(connectionFailure(this.#address, error));
        else if (isAnswerTo(command, response)) resolve(response);
        else this.#distrust(reject);
      };
      this.#pending.add(opaque);
      this.#timer.add(limit);
      this.#client.perform('', encode(command, opaque), opaque, settle, 1);
    });
  }

  /** Fails everything in flight with `reason` and destroys the socket. */
  break(reason: Error): void {
    this.#server.error(reason);
  }

  #distrust(reject: (reason: Error) => void): void {
    const reason = new UnprovenAnswerException(at(this.#address));
    reject(reason);
    this.break(connectionFailure(this.#address, reason.cause));
  }
}
