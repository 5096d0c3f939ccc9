import { mkdir } from 'node:fs/promises';
import type { SessionAdapter } from 'nestjs-session-bag';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';

/** The store that both applications share. */
export async function chooseStore(name = 'memory'): Promise<SessionAdapter> {
  switch (name) {
    case 'memory':
      return new MemoryAdapter();
    case 'sqlite': {
      // Imported on choice, so that the sample needs no native package.
      const { SqliteAdapter } = await import('./sqlite.adapter.js');
      await mkdir('.sessions', { recursive: true });
      return new SqliteAdapter('.sessions/sample.sqlite');
    }
    default:
      throw new Error('STORE is memory or sqlite.');
  }
}
