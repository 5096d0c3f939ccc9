import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Results } from '../results.js';
import { drawChart } from './chart.js';
import {
  asMarkdown,
  commandTable,
  memoryTable,
  processTable,
  ratioTable,
  scopeTable,
} from './tables.js';

/** Writes the figures and their chart into a folder. */
export async function writeResults(folder: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'benchmark.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(folder, 'benchmark.svg'), drawChart(results.groups, results.machine));
}

/** Puts the tables into the pages that show them, between their markers. */
export async function writePages(results: Results): Promise<void> {
  const ratios = [
    `Measured ${results.at.slice(0, 10)} on ${results.machine}.`,
    asMarkdown(ratioTable(results.groups)),
  ];
  await replaceMarked('README.md', BENCHMARK, ratios.join('\n\n'));
  const others = [memoryTable(results), scopeTable(results), processTable(results)];
  const tables = [commandTable(results.groups), ...others].map((table) => asMarkdown(table));
  await replaceMarked('docs/performance.md', BENCHMARK, [...ratios, ...tables].join('\n\n'));
}

const BENCHMARK = 'benchmark: written by npm run bench';

/**
 * Writes into a page between two comments: one that bears the mark, and one with a slash before the
 * mark's first word.
 */
export async function replaceMarked(page: string, mark: string, content: string): Promise<void> {
  const opening = `<!-- ${mark} -->`;
  const closing = `<!-- /${mark.replace(/:.*/, '')} -->`;
  const text = await readFile(page, 'utf8');
  const begin = text.indexOf(opening);
  const end = text.indexOf(closing);
  if (begin === -1 || end < begin) {
    throw new Error(`${page} has no place for it: ${opening} … ${closing}`);
  }
  const before = text.slice(0, begin + opening.length);
  await writeFile(page, `${before}\n\n${content}\n\n${text.slice(end)}`);
}
