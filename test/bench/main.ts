// The benchmark, see docs/performance.md. `--quick` measures less; `--only` names what is measured.
import { planOf } from './command-line.js';
import { compare, type GroupResult } from './comparison.js';
import { measureMemory, type MemoryResult } from './memory.js';
import { compareProcesses } from './processes.js';
import {
  asText,
  commandTable,
  costTable,
  memoryTable,
  processTable,
  ratioTable,
  scopeTable,
} from './report/tables.js';
import { writePages, writeResults } from './report/write-results.js';
import { describeMachine, type Results } from './results.js';
import { compareScopes, type ScopeResult } from './scopes.js';
import { platforms } from './variants.js';

const plan = planOf(process.argv.slice(2));
const machine = describeMachine();
print(machine);

const groups = await compare(plan, (group: GroupResult) => {
  print(`\n${group.platform}, ${group.store}`);
  print(asText(costTable(group)));
});
const memory: MemoryResult[] = [];
const scopes: ScopeResult[] = [];
if (plan.isWhole) {
  for (const platform of platforms) {
    for (const library of ['peer', 'ours'] as const) {
      memory.push(await measureMemory(platform, library));
    }
    scopes.push(...(await compareScopes(platform, plan.pace)));
  }
}
const processes = plan.isWhole ? await compareProcesses(plan.pace) : [];

const at = new Date().toISOString();
const results: Results = { at, machine, groups, memory, scopes, processes };
print(`\n${asText(ratioTable(groups))}`);
print(`\n${asText(commandTable(groups))}`);
if (plan.isWhole) {
  for (const table of [memoryTable(results), scopeTable(results), processTable(results)]) {
    print(`\n${asText(table)}`);
  }
}
// What was measured in part is not what the documents tell of.
const folder = plan.isWhole ? 'docs/performance' : 'dist/performance';
await writeResults(folder, results);
if (plan.isWhole) await writePages(results);
print(`\nWritten to ${folder}/benchmark.json and ${folder}/benchmark.svg.`);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
