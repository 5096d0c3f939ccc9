import { cpus, totalmem, type as systemName } from 'node:os';
import type { GroupResult } from './comparison.js';
import type { MemoryResult } from './memory.js';
import type { ProcessesResult } from './processes.js';
import type { ScopeResult } from './scopes.js';

/** Everything that one run has found out. */
export interface Results {
  readonly at: string;
  readonly machine: string;
  readonly groups: readonly GroupResult[];
  readonly memory: readonly MemoryResult[];
  readonly scopes: readonly ScopeResult[];
  readonly processes: readonly ProcessesResult[];
}

export function describeMachine(): string {
  const processors = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? 'an unknown processor';
  return `${processors.length} × ${model}, ${gigabytes} GB, ${systemName()}, Node.js ${process.version}`;
}
