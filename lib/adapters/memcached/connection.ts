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
  readonly #timer: CallTimer;
  #opaque = 0;

  constructor(
    address: ServerAddress,
    credentials: Credentials | undefined,
    onBroken: (connection: Connection) => void,
  ) {
    this.#address = address;
    this.#timer = new CallTimer(() => timedOut(address));
    this.#server = new WatchedServer(address, credentials, () => onBroken(this));
    this.#client = new Client([this.#server], { failover: false, logger: { log() {} } });
  }

  get inFlight(): number {
    return this.#timer.size;
  }

  /** Whether commands wait in it for the end of this turn, to leave together. */
  get isHolding(): boolean {
    return this.#server.isHolding;
  }

  /** Bytes that nobody asked for: with nothing in flight there must be none. */
  get hasLeftovers(): boolean {
    return this.inFlight === 0 && this.#server.responseBuffer.length > 0;
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
      const limit = this.#timer.add(deadline, (reason) => {
        reject(reason);
        this.break(reason);
      });
      const settle = (error: unknown, response: Response): void => {
        // memjs also reports the break of the connection that a doubtful answer brought about.
        if (!this.#timer.remove(limit)) return;
        if (error) reject(connectionFailure(this.#address, error));
        else if (isAnswerTo(command, response)) resolve(response);
        else this.#distrust(reject);
      };
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
