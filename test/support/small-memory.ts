import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';

/** A store in memory for a test of many. The room for all its sessions is made beforehand. */
export function smallMemory(): MemoryAdapter {
  return new MemoryAdapter({ maxSessions: 10_000 });
}
