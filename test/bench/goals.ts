import type { Platform, StoreName } from './variants.js';

/** What our added cost may be at the most, as a part of the peer's. */
export interface Goal {
  readonly untouched: number;
  readonly read: number;
  readonly write: number;
}

const GOALS: Readonly<Record<Platform, Partial<Record<StoreName, Goal>>>> = {
  express: {
    memory: { untouched: 0.15, read: 0.35, write: 0.5 },
    redis: { untouched: 0.05, read: 0.45, write: 0.7 },
    memcached: { untouched: 0.05, read: 0.45, write: 0.7 },
    file: { untouched: 0.02, read: 0.15, write: 0.3 },
  },
  fastify: { memory: { untouched: 0.1, read: 0.35, write: 0.5 } },
};

/** The commands that the store may get for one request. */
export const COMMAND_GOALS: Readonly<Record<string, number>> = {
  untouched: 0,
  read: 1,
  write: 2,
  'new visitor': 0,
  'new visitor writes': 1,
  'read 20 keys': 1,
  'read 10 kB': 1,
};

export function goalOf(platform: Platform, store: StoreName, route: string): number | undefined {
  return GOALS[platform][store]?.[route as keyof Goal];
}
