import type { Response } from 'memjs';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import { casOf, versionOf } from './memcached/cas-version.js';
import { chooseServer } from './memcached/choose-server.js';
import {
  addCommand,
  type Command,
  deleteCommand,
  getCommand,
  getUnprovenCommand,
  replaceCommand,
  Status,
} from './memcached/commands.js';
import {
  refused,
  tooLarge,
  UnprovenAnswerException,
  withoutVersions,
} from './memcached/memcached-errors.js';
import { type MemcachedAdapterOptions, memcachedSettings } from './memcached/memcached-options.js';
import { MemcachedServer } from './memcached/memcached-server.js';
import { type RecordVersion, SessionAdapter, type StoredRecord } from './session-adapter.js';

export type { MemcachedAdapterOptions } from './memcached/memcached-options.js';

const MAX_BYTES = 1_000_000;
/** 1 to 250 bytes that are printed and no space: what every memcached and its tools take. */
const KEY = /^[!-~]{1,250}$/;

/**
 * Keeps each record as one item of memcached; one round trip a call. The version is the item's CAS.
 *
 * Every call settles within `storeTimeout`. A write whose answer is lost rejects, although it may
 * have taken place; it is not sent again. memcached may drop records when it is full, and forgets
 * all of them when it is restarted.
 *
 * @publicApi
 */
export class MemcachedAdapter extends SessionAdapter {
  readonly #servers: readonly MemcachedServer[];
  readonly #storeTimeout: number;

  /** @throws InvalidSessionOptionsException when the options make no sense */
  constructor(options: MemcachedAdapterOptions = {}) {
    super();
    const { addresses, credentials, storeTimeout } = memcachedSettings(options);
    this.#servers = addresses.map((address) => new MemcachedServer(address, credentials));
    this.#storeTimeout = storeTimeout;
  }

  /**
   * Connects to every server. After a rejection the adapter stays usable: it connects, and does
   * what open has not done, with the next call.
   *
   * @throws InvalidSessionOptionsException when a server runs without CAS or refuses the login
   * @throws SessionStoreUnavailableException when a server does not answer
   */
  override async open(): Promise<void> {
    const deadline = this.#deadline();
    await Promise.all(this.#servers.map((server) => server.open(deadline)));
  }

  override async close(): Promise<void> {
    for (const server of this.#servers) server.close();
  }

  override async ping(): Promise<void> {
    const deadline = this.#deadline();
    await Promise.all(this.#servers.map((server) => server.ping(deadline)));
  }

  override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const server = this.#serverOf(key);
    const response = await this.#get(server, key, ttl);
    const { status, cas } = response.header;
    if (status === Status.NOT_FOUND) return undefined;
    if (status !== Status.OK) throw refused(server.address, status);
    const version = versionOf(cas);
    if (!version) throw withoutVersions(server.address);
    return { data: response.val.toString(), version };
  }

  override async create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#store(key, addCommand(key, checkSize(data), ttl));
  }

  override async update(
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    const cas = casOf(version);
    if (!cas) return false;
    return this.#store(key, replaceCommand(key, checkSize(data), ttl, cas));
  }

  override async destroy(key: string): Promise<void> {
    const server = this.#serverOf(key);
    const { status } = (await server.send(deleteCommand(key), this.#deadline())).header;
    if (status !== Status.OK && status !== Status.NOT_FOUND) throw refused(server.address, status);
  }

  /**
   * What cannot prove itself is read once more, over a new connection. What lies there without a
   * proof even then was written so, and is for the record's own checksum to judge.
   */
  async #get(server: MemcachedServer, key: string, ttl: number | undefined): Promise<Response> {
    const deadline = this.#deadline();
    try {
      return await server.send(getCommand(key, ttl), deadline);
    } catch (error) {
      if (!(error instanceof UnprovenAnswerException)) throw error;
      return server.send(getUnprovenCommand(key, ttl), deadline);
    }
  }

  async #store(key: string, command: Command): Promise<boolean> {
    const server = this.#serverOf(key);
    const { status, cas } = (await server.send(command, this.#deadline())).header;
    switch (status) {
      case Status.OK:
        if (!versionOf(cas)) throw withoutVersions(server.address);
        return true;
      case Status.NOT_FOUND:
      case Status.EXISTS:
        return false;
      case Status.TOO_LARGE:
        throw tooLarge(command.value.length, 'this memcached takes less: see its flag -I');
      default:
        throw refused(server.address, status);
    }
  }

  #serverOf(key: string): MemcachedServer {
    if (KEY.test(key)) return chooseServer(this.#servers, key);
    throw new InvalidSessionOptionsException(
      'memcached takes keys of at most 250 printable ASCII characters and no space. ' +
        'Choose another `prefix`.',
    );
  }

  #deadline(): number {
    return performance.now() + this.#storeTimeout;
  }
}

/** Measured before it is sent: memcached deletes the old value where it finds the new one too large. */
function checkSize(data: string): Buffer {
  const value = Buffer.from(data);
  if (value.length <= MAX_BYTES) return value;
  throw tooLarge(value.length, `memcached takes at most ${MAX_BYTES}. Keep less in it`);
}
