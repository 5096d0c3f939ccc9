import { randomBytes } from 'node:crypto';
import type { Response } from 'memjs';
import { versionOf } from './cas-version.js';
import { addCommand, type Command, deleteCommand, noopCommand, Status } from './commands.js';
import { Connection } from './connection.js';
import {
  at,
  closed,
  refused,
  UnprovenAnswerException,
  withoutVersions,
} from './memcached-errors.js';
import type { Credentials } from './memcached-options.js';
import type { ServerAddress } from './server-address.js';

/** With more than one, a slow answer fails only what shares its connection. */
const MAX_CONNECTIONS = 3;
const PROBE_TTL = 60;

/** One server of the list: its connections, and the proof that it counts versions. */
export class MemcachedServer {
  readonly address: ServerAddress;
  readonly #credentials: Credentials | undefined;
  readonly #connections = new Set<Connection>();
  #state: 'unexamined' | 'examined' | 'closed' = 'unexamined';
  #examination: Promise<void> | undefined;

  constructor(address: ServerAddress, credentials: Credentials | undefined) {
    this.address = address;
    this.#credentials = credentials;
  }

  /**
   * Connects and looks whether versions are counted.
   *
   * @throws InvalidSessionOptionsException when they are not, or the login is refused
   */
  async open(deadline: number): Promise<void> {
    if (this.#state === 'closed') this.#state = 'unexamined';
    await this.#examineOnce(deadline);
  }

  /** The answer to the command; a server that was out of reach at first is examined before. */
  async send(command: Command, deadline: number): Promise<Response> {
    if (this.#state === 'unexamined') await this.#examineOnce(deadline);
    return this.#transmit(command, deadline);
  }

  async ping(deadline: number): Promise<void> {
    const { status } = (await this.send(noopCommand(), deadline)).header;
    if (status !== Status.OK) throw refused(this.address, status);
  }

  /** Rejects what is in flight and whatever comes later, until it is opened again. */
  close(): void {
    this.#state = 'closed';
    for (const connection of this.#connections) connection.break(closed());
  }

  #examineOnce(deadline: number): Promise<void> {
    if (this.#state !== 'unexamined') return Promise.resolve();
    this.#examination ??= this.#examine(deadline).finally(() => {
      this.#examination = undefined;
    });
    return this.#examination;
  }

  async #examine(deadline: number): Promise<void> {
    const key = `session-probe:${randomBytes(16).toString('hex')}`;
    const { header } = await this.#transmit(addCommand(key, Buffer.alloc(0), PROBE_TTL), deadline);
    if (header.status !== Status.OK) throw refused(this.address, header.status);
    await this.#transmit(deleteCommand(key), deadline);
    if (!versionOf(header.cas)) throw withoutVersions(this.address);
    if (this.#state === 'unexamined') this.#state = 'examined';
  }

  #transmit(command: Command, deadline: number): Promise<Response> {
    if (this.#state === 'closed') return Promise.reject(closed());
    return this.#connection().send(command, deadline);
  }

  /**
   * The connection that others have used in this turn, so that their commands leave in one write; or
   * an idle one, or a new one, or the one with the least to do.
   */
  #connection(): Connection {
    let idlest: Connection | undefined;
    for (const connection of this.#connections) {
      if (connection.isHolding) return connection;
      if (connection.hasLeftovers) connection.break(new UnprovenAnswerException(at(this.address)));
      else if (!idlest || connection.inFlight < idlest.inFlight) idlest = connection;
    }
    if (idlest && (idlest.inFlight === 0 || this.#connections.size === MAX_CONNECTIONS)) {
      return idlest;
    }
    return this.#connect();
  }

  #connect(): Connection {
    const connection = new Connection(this.address, this.#credentials, (broken) =>
      this.#connections.delete(broken),
    );
    this.#connections.add(connection);
    return connection;
  }
}
