import type { BoundedCall } from '../bounded-calls.js';

/** What is used of ioredis 5 and 6: a `Redis` (Sentinel included) or a `Cluster`. */
export interface IoredisClient {
  readonly status: string;
  connect(): Promise<void>;
  call(command: string, ...args: string[]): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** Options of one command; the two signals are one, under its names in node-redis 4 and later. */
export interface NodeRedisOptions {
  readonly signal: AbortSignal;
  readonly abortSignal: AbortSignal;
  readonly typeMapping: object;
}

/** What is used of the `createClient()` and `createClientPool()` of node-redis 4, 5 and 6. */
export interface NodeRedisSingle {
  readonly isOpen: boolean;
  sendCommand(args: string[], options: NodeRedisOptions): Promise<unknown>;
}

/** What is used of its `createCluster()`. */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly slots: unknown;
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[],
    options: NodeRedisOptions,
  ): Promise<unknown>;
}

/** What is used of its `createSentinel()`. */
export interface NodeRedisSentinel {
  readonly isOpen: boolean;
  getSentinelNode(): unknown;
  sendCommand(
    isReadonly: boolean | undefined,
    args: string[],
    options: NodeRedisOptions,
  ): Promise<unknown>;
}

export type NodeRedisClient = NodeRedisSingle | NodeRedisCluster | NodeRedisSentinel;

/**
 * A client of the application's own, which connects and closes it.
 *
 * @publicApi
 */
export type RedisClient = IoredisClient | NodeRedisClient;

export type RedisCommand = readonly [name: string, ...args: string[]];

/** Sends raw commands, whatever client is behind it. */
export interface RedisConnection {
  /**
   * @param key the key in `command`, by which a cluster finds the node; undefined: any node
   * @param call once it is cancelled, the command is not sent any more where that can be helped
   */
  send(command: RedisCommand, key: string | undefined, call: BoundedCall): Promise<unknown>;

  /** Leaves the client as it was found. */
  release?(): void;
}

/** A connection within one call. */
export type Send = (command: RedisCommand, key?: string) => Promise<unknown>;

export function isIoredis(client: object): client is IoredisClient {
  return 'status' in client && 'call' in client && typeof client.call === 'function';
}

export function isNodeRedis(client: object): client is NodeRedisClient {
  return 'isOpen' in client && 'sendCommand' in client && typeof client.sendCommand === 'function';
}
