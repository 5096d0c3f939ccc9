import { createHash } from 'node:crypto';
import type { MemcachedServer } from './memcached-server.js';

/**
 * The one server that keeps the record of `key`: rendezvous hashing. Every process comes to the
 * same, in whatever order it lists the servers, and a server that is added takes over only its own
 * share of the keys.
 */
export function chooseServer(servers: readonly MemcachedServer[], key: string): MemcachedServer {
  const [only, ...others] = servers;
  if (only && others.length === 0) return only;
  const ranked = servers.map((server) => ({ server, rank: rankOf(server, key) }));
  return ranked.reduce((best, next) => (next.rank > best.rank ? next : best)).server;
}

function rankOf({ address }: MemcachedServer, key: string): number {
  const digest = createHash('sha256').update(`${address.host}:${address.port} ${key}`).digest();
  return digest.readUIntBE(0, 6);
}
