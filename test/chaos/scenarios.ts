import type { FaultName } from './faults/faults.js';
import type { Setting } from './world/world.js';

/** An application, its store, and what is done to them. */
export interface Scenario extends Pick<
  Setting,
  'platform' | 'store' | 'processes' | 'hasClocks' | 'renewAfter'
> {
  /** What must hold in the end, besides what always must. */
  readonly promise: string;
  readonly faults: readonly FaultName[];
}

const APP: readonly FaultName[] = ['kill application', 'stop application'];
const SERVER: readonly FaultName[] = ['kill store', 'stop store'];
const NETWORK: readonly FaultName[] = [
  'slow network',
  'cut connections',
  'refused connections',
  'stalled network',
];

const NOTHING_LOST = 'nothing acknowledged is lost';
const ANONYMOUS = 'users are anonymous again, and nothing worse';

export const scenarios = {
  quiet: {
    platform: 'express',
    store: 'memory',
    processes: 1,
    faults: [],
    promise: NOTHING_LOST,
  },
  memory: {
    platform: 'fastify',
    store: 'memory',
    processes: 1,
    faults: APP,
    promise: `${ANONYMOUS}, when the process is killed`,
  },
  'memory-full': {
    platform: 'express',
    store: 'memory-full',
    processes: 1,
    faults: [],
    promise: `${ANONYMOUS}, when there are more sessions than maxSessions`,
  },
  files: {
    platform: 'express',
    store: 'file',
    processes: 3,
    faults: APP,
    promise: NOTHING_LOST,
  },
  disk: {
    platform: 'fastify',
    store: 'disk',
    processes: 2,
    faults: ['full disk', 'read-only disk', 'kill application'],
    promise: NOTHING_LOST,
  },
  memcached: {
    platform: 'express',
    store: 'memcached',
    processes: 2,
    faults: [...APP, ...SERVER, ...NETWORK],
    promise: `${ANONYMOUS}, when the server is killed`,
  },
  'redis-cache': {
    platform: 'fastify',
    store: 'redis-cache',
    processes: 2,
    faults: [...APP, ...SERVER, ...NETWORK],
    promise: `${ANONYMOUS}, when the server is killed`,
  },
  redis: {
    platform: 'express',
    store: 'redis',
    processes: 4,
    faults: [...APP, ...SERVER, ...NETWORK],
    promise: NOTHING_LOST,
  },
  postgres: {
    platform: 'fastify',
    store: 'postgres',
    processes: 2,
    faults: [...APP, ...SERVER, ...NETWORK],
    promise: NOTHING_LOST,
  },
  mariadb: {
    platform: 'express',
    store: 'mariadb',
    processes: 2,
    faults: [...APP, ...SERVER, ...NETWORK],
    promise: NOTHING_LOST,
  },
  sqlite: {
    platform: 'express',
    store: 'sqlite',
    processes: 2,
    faults: APP,
    promise: NOTHING_LOST,
  },
  'renewals-files': {
    platform: 'express',
    store: 'file',
    processes: 2,
    renewAfter: 1,
    faults: APP,
    promise: NOTHING_LOST,
  },
  'renewals-redis': {
    platform: 'fastify',
    store: 'redis',
    processes: 3,
    renewAfter: 1,
    faults: [...APP, ...SERVER, ...NETWORK],
    promise: NOTHING_LOST,
  },
  'renewals-postgres': {
    platform: 'express',
    store: 'postgres',
    processes: 2,
    renewAfter: 1,
    faults: [...APP, ...SERVER, ...NETWORK],
    promise: NOTHING_LOST,
  },
  'clocks-files': {
    platform: 'express',
    store: 'file',
    processes: 2,
    hasClocks: true,
    faults: ['wrong clock', 'kill application'],
    promise: `${NOTHING_LOST}, as long as no clock is wrong by more than a session lives`,
  },
  'clocks-redis': {
    platform: 'fastify',
    store: 'redis',
    processes: 3,
    hasClocks: true,
    faults: ['wrong clock', 'cut connections'],
    promise: NOTHING_LOST,
  },
  'clocks-ahead': {
    platform: 'fastify',
    store: 'sqlite',
    processes: 2,
    hasClocks: true,
    faults: ['clocks past the lifetime'],
    promise: `${ANONYMOUS}, when the clocks pass the lifetime`,
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;
