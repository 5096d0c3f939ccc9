/** What is compared: an application without sessions, with the platform's usual library, and with ours. */
export type Library = 'bare' | 'peer' | 'ours';

export type Platform = 'express' | 'fastify';

export const platforms: readonly Platform[] = ['express', 'fastify'];

export type StoreName = 'memory' | 'redis' | 'memcached' | 'file' | 'postgres';

export const storeNames: readonly StoreName[] = [
  'memory',
  'redis',
  'memcached',
  'file',
  'postgres',
];

/** Where a store is to be found. */
export interface StoreAddress {
  readonly name: StoreName;
  readonly port: number;
  /** The folder of the session files. */
  readonly path: string;
}

/** One application in a process of its own. */
export interface Variant {
  readonly platform: Platform;
  readonly library: Library;
  readonly store: StoreAddress;
}

/** The library that the platform's users take today. */
export function peerName(platform: Platform): string {
  return platform === 'express' ? 'express-session' : '@fastify/session';
}

/** The package through which that library reaches a store. */
export const peerStores: Readonly<Record<StoreName, string>> = {
  memory: 'its own',
  redis: 'connect-redis',
  memcached: 'connect-memcached',
  file: 'session-file-store',
  postgres: 'connect-pg-simple',
};
