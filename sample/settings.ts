export type Platform = 'express' | 'fastify';

export interface Settings {
  readonly platform: Platform;
  readonly port: number;
  readonly storeName: string;
}

/**
 * What whoever starts the sample has chosen: an empty variable is as none.
 *
 * @param env `PLATFORM`, `PORT` and `SESSION_ADAPTER`
 * @throws Error with one sentence for whoever starts the sample
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    platform: platformOf(env['PLATFORM'] || 'express'),
    port: portOf(env['PORT'] || '3000'),
    storeName: env['SESSION_ADAPTER'] || 'memory',
  };
}

function platformOf(name: string): Platform {
  if (name === 'express' || name === 'fastify') return name;
  throw new Error('PLATFORM is express or fastify.');
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error('PORT is a whole number from 0 to 65535, where 0 takes one that is free.');
}
