import type { BoundedCall } from '../bounded-calls.js';
import type {
  NodeRedisClient,
  NodeRedisOptions,
  RedisCommand,
  RedisConnection,
} from './redis-client.js';

/**
 * Drives node-redis. A command that finds the connection down waits in the client's own queue, out
 * of which the signal takes it again.
 */
export class NodeRedisConnection implements RedisConnection {
  readonly #client: NodeRedisClient;

  constructor(client: NodeRedisClient) {
    this.#client = client;
  }

  async send(
    command: RedisCommand,
    key: string | undefined,
    { signal }: BoundedCall,
  ): Promise<unknown> {
    const client = this.#client;
    const args = [...command];
    // Replies as strings, whatever the client maps them to for the application.
    const options: NodeRedisOptions = { signal, abortSignal: signal, typeMapping: {} };
    // Never read-only: a replica may not have the latest record yet.
    if ('slots' in client) return client.sendCommand(key, false, args, options);
    if ('getSentinelNode' in client) return client.sendCommand(false, args, options);
    return client.sendCommand(args, options);
  }
}
