import { GroupedWrites } from '../grouped-writes.js';
import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import { IoredisConnection } from './ioredis-connection.js';
import type { RedisConnection } from './redis-client.js';
import type { RedisAddress } from './redis-options.js';
import { SelectedDatabase } from './selected-database.js';

const FIRST_RETRY = 20;
const LONGEST_RETRY = 1000;
/** As long may a closed client keep the process alive; nothing that it has still to say matters. */
const DISCONNECT_WITHIN = 50;

type Ioredis = Pick<typeof import('ioredis'), 'Redis'>;

/** A client that belongs to the adapter. */
export interface OwnClient {
  readonly connection: RedisConnection;
  close(): void;
}

/**
 * Connects with the first command, and again and again until it is closed. No command is kept to be
 * sent later, and none is sent twice: what was lost with its connection fails at once.
 *
 * @param timeout milliseconds of silence after which a connection that owes an answer is given up
 * @throws InvalidSessionOptionsException when ioredis is not installed
 */
export async function createOwnClient(
  address: RedisAddress,
  timeout: number,
  load?: () => Promise<Ioredis>,
): Promise<OwnClient> {
  const { Redis } = await importIoredis(load);
  const client = new Redis({
    ...address,
    family: 0,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A server that is loading says so itself; users without INFO need no warning.
    enableReadyCheck: false,
    connectTimeout: timeout,
    socketTimeout: timeout,
    disconnectTimeout: DISCONNECT_WITHIN,
    retryStrategy: retryDelay,
    // After a failover the old address may lead to the new primary.
    reconnectOnError: (error) => error.message.includes('READONLY'),
  });
  let lastError: Error | undefined;
  client.on('error', (error) => (lastError = error));
  client.on('ready', () => (lastError = undefined));
  const writes = new GroupedWrites();
  const connection = new IoredisConnection(
    client,
    () => lastError,
    () => writes.hold(client.stream),
  );
  return {
    // Database 0 is not asked for.
    connection: address.db ? new SelectedDatabase(connection, client) : connection,
    close: () => client.disconnect(),
  };
}

/** Named, and awaited in the `try` itself: there bundlers let a package be missing. */
async function importIoredis(load?: () => Promise<Ioredis>): Promise<Ioredis> {
  try {
    return load ? await load() : await import('ioredis');
  } catch (cause) {
    throw new InvalidSessionOptionsException(
      'The redis adapter needs the package ioredis, which could not be loaded: npm install ioredis',
      { cause },
    );
  }
}

/** Milliseconds, doubled with each attempt; scattered, so that not all processes come at once. */
function retryDelay(attempt: number): number {
  const longest = Math.min(FIRST_RETRY * 2 ** (attempt - 1), LONGEST_RETRY);
  return longest * (0.5 + Math.random() / 2);
}
