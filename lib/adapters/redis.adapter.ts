import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../exceptions/session.exceptions.js';
import { BoundedCalls } from './bounded-calls.js';
import { IoredisConnection } from './redis/ioredis-connection.js';
import { NodeRedisConnection } from './redis/node-redis-connection.js';
import { createOwnClient, type OwnClient } from './redis/own-client.js';
import { isIoredis, type RedisConnection, type Send } from './redis/redis-client.js';
import { noAnswer, replyCode, timedOut, unavailable } from './redis/redis-errors.js';
import {
  type RedisAdapterOptions,
  redisSettings,
  type RedisSettings,
} from './redis/redis-options.js';
import {
  countIn,
  decode,
  encode,
  FOREIGN,
  isOwnVersion,
  newVersion,
  QUEUED,
} from './redis/redis-record.js';
import { DatabaseRefusedException } from './redis/selected-database.js';
import { checkServer } from './redis/server-check.js';
import { sendUpdate } from './redis/update-script.js';
import { type RecordVersion, SessionAdapter, type StoredRecord } from './session-adapter.js';

export type { RedisAdapterOptions } from './redis/redis-options.js';

/**
 * Keeps each record as one string in Redis 6.2 or newer, or in Valkey; one round trip a call.
 *
 * Every call settles within `storeTimeout`. A write whose answer is lost rejects, although it may
 * have taken place; it is not sent again. What lies under a key without being a record of this
 * adapter is read as a record that nobody understands, and is never updated.
 *
 * @publicApi
 */
export class RedisAdapter extends SessionAdapter {
  readonly #settings: RedisSettings;
  readonly #calls: BoundedCalls;
  #ownClient: OwnClient | undefined;
  #connection: RedisConnection | undefined;
  #opening: Promise<void> | undefined;

  /** @throws InvalidSessionOptionsException when the options make no sense */
  constructor(options: RedisAdapterOptions = {}) {
    super();
    this.#settings = redisSettings(options);
    const { storeTimeout } = this.#settings;
    this.#calls = new BoundedCalls(storeTimeout, () => timedOut(storeTimeout));
  }

  /**
   * Connects, and looks whether the server is new enough. After a rejection the adapter keeps
   * trying to reach its server until it is closed, and works as soon as the server does.
   *
   * @throws InvalidSessionOptionsException when ioredis is missing, the server is too old or
   * refuses the login or the option db, or the application's node-redis client was not connected
   * @throws SessionStoreUnavailableException when the server does not answer
   */
  override open(): Promise<void> {
    this.#opening ??= this.#openOnce().catch((error: unknown) => {
      this.#opening = undefined;
      if (!(error instanceof DatabaseRefusedException)) throw error;
      throw new InvalidSessionOptionsException(error.message, { cause: error.cause });
    });
    return this.#opening;
  }

  /** Disconnects its own client; a client of the application is left as it is. */
  override async close(): Promise<void> {
    this.#calls.cancelAll(new SessionStoreUnavailableException('The Redis adapter was closed.'));
    await this.#opening?.catch(() => {});
    this.#connection?.release?.();
    this.#ownClient?.close();
    this.#ownClient = this.#connection = this.#opening = undefined;
  }

  override ping(): Promise<void> {
    return this.#call(async (send) => {
      if ((await send(['PING'])) !== 'PONG') throw noAnswer();
    });
  }

  override read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const life = ttl === undefined ? [] : ['PX', milliseconds(ttl)];
    // GETEX even without a life: unlike GET, a cluster client never asks a lagging replica.
    return this.#call((send) => send(['GETEX', key, ...life], key).then(toRecord, toForeign));
  }

  override create(key: string, data: string, ttl: number): Promise<boolean> {
    const record = encode(newVersion(), data);
    const command = ['SET', key, record, 'PX', milliseconds(ttl), 'NX'] as const;
    return this.#call((send) => send(command, key).then(toCreated));
  }

  override update(
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    if (!isOwnVersion(version)) return Promise.resolve(false);
    const record = encode(newVersion(), data);
    return this.#call((send) =>
      sendUpdate(send, key, encode(version, ''), record, milliseconds(ttl)),
    );
  }

  override destroy(key: string): Promise<void> {
    return this.#call(async (send) => void countIn(await send(['UNLINK', key], key)));
  }

  async #openOnce(): Promise<void> {
    this.#connection ??= await this.#connect();
    const { client } = this.#settings;
    if (client && 'isOpen' in client && !client.isOpen) {
      throw new InvalidSessionOptionsException(
        'The node-redis client is not connected. Await client.connect() before it is handed over.',
      );
    }
    await this.#call(checkServer);
  }

  async #connect(): Promise<RedisConnection> {
    const { client, address, storeTimeout } = this.#settings;
    if (client) {
      return isIoredis(client) ? new IoredisConnection(client) : new NodeRedisConnection(client);
    }
    this.#ownClient = await createOwnClient(address, storeTimeout);
    return this.#ownClient.connection;
  }

  /** Written with `then`, as what it calls: each async function would add two promises. */
  #call<T>(work: (send: Send) => Promise<T>): Promise<T> {
    const connection = this.#connection;
    if (!connection) return Promise.reject(notOpen());
    return this.#calls
      .run((call) => work((command, key) => connection.send(command, key, call)))
      .catch((error: unknown) => {
        throw unavailable(error);
      });
  }
}

function notOpen(): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException('The Redis adapter is not open. Await open() first.');
}

function toRecord(reply: unknown): StoredRecord | undefined {
  if (reply === null) return undefined;
  if (typeof reply === 'string' && reply !== QUEUED) return decode(reply);
  throw noAnswer();
}

function toCreated(reply: unknown): boolean {
  if (reply === null) return false;
  if (reply === 'OK') return true;
  throw noAnswer();
}

function toForeign(error: unknown): StoredRecord {
  if (replyCode(error) === 'WRONGTYPE') return FOREIGN;
  throw error;
}

/** Redis takes whole milliseconds above 0. */
function milliseconds(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds * 1000)));
}
