import type { GroupResult } from '../comparison.js';
import { COMMAND_GOALS, goalOf } from '../goals.js';
import type { RouteResult } from '../measure.js';
import type { Results } from '../results.js';
import { type Library, peerName, peerStores } from '../variants.js';

const GOAL_ROUTES = ['untouched', 'read', 'write'];

/** Rows of cells; the first row is the head. */
export type Table = readonly (readonly string[])[];

/** What the routes of one platform and store cost, with every library. */
export function costTable({ platform, routes }: GroupResult): Table {
  const head = ['route', 'application', 'µs', 'added µs', 'requests/s', 'p99 ms', 'commands'];
  return [head, ...routes.flatMap((result) => costRows(result, peerName(platform)))];
}

function costRows({ route, costs, added }: RouteResult, peer: string): string[][] {
  const names: Record<Library, string> = { bare: 'bare Nest', peer, ours: 'nestjs-session-bag' };
  return (['bare', 'peer', 'ours'] as const).map((library, index) => {
    const { cpu, rate, p99, commands } = costs[library];
    return [
      index === 0 ? route : '',
      names[library],
      cpu.toFixed(0),
      library === 'bare' ? '' : added[library].toFixed(1),
      rate.toFixed(0),
      p99.toFixed(1),
      commands === undefined || library === 'bare' ? '' : String(commands),
    ];
  });
}

/** Our added cost by the peer's, on the routes of the goals; and the goals. */
export function ratioTable(groups: readonly GroupResult[]): Table {
  const head = ['platform', 'store', 'compared with', ...GOAL_ROUTES];
  const rows = groups.map(({ platform, store, routes }) => [
    platform,
    store,
    store === 'memory' ? peerName(platform) : `${peerName(platform)}, ${peerStores[store]}`,
    ...GOAL_ROUTES.map((route) => {
      const result = routes.find((each) => each.route === route);
      return result ? ratioCell(result, goalOf(platform, store, route)) : '';
    }),
  ]);
  return [head, ...rows];
}

function ratioCell({ added, ratio }: RouteResult, goal: number | undefined): string {
  const measured = `${added.ours.toFixed(1)} / ${added.peer.toFixed(1)} µs = ${ratio.toFixed(2)}`;
  return goal === undefined ? measured : `${measured} (goal ${goal})`;
}

/** The commands that the stores' servers have counted for one request. */
export function commandTable(groups: readonly GroupResult[]): Table {
  const counted = groups.filter(({ routes }) => routes[0]?.costs.ours.commands !== undefined);
  const routes = [...new Set(counted.flatMap((group) => group.routes.map(({ route }) => route)))];
  const head = [
    'store commands',
    'goal',
    ...counted.map((each) => `${each.platform} ${each.store}`),
  ];
  const rows = routes.map((route) => [
    route,
    String(COMMAND_GOALS[route] ?? ''),
    ...counted.map((group) => {
      const costs = group.routes.find((each) => each.route === route)?.costs;
      return costs ? `${costs.ours.commands} (peer ${costs.peer.commands})` : '';
    }),
  ]);
  return [head, ...rows];
}

export function memoryTable({ memory }: Results): Table {
  const rows = memory.map(({ platform, library, resident, heap }) => [
    platform,
    library === 'ours' ? 'nestjs-session-bag' : peerName(platform),
    megabytes(resident),
    megabytes(heap),
  ]);
  return [['10,000 sessions in memory', '', 'resident MB', 'heap MB'], ...rows];
}

export function scopeTable({ scopes }: Results): Table {
  const rows = scopes.map(({ platform, route, sessionBag, sessionService }) => [
    platform,
    route,
    sessionBag.toFixed(0),
    sessionService.toFixed(0),
  ]);
  const ways = ['@SessionBag µs', 'request-scoped SessionService µs'];
  return [['platform', 'route', ...ways], ...rows];
}

export function processTable({ processes }: Results): Table {
  const rows = processes.map(({ route, processes: count, rate, cpu }) => [
    route,
    String(count),
    rate.toFixed(0),
    cpu.toFixed(0),
  ]);
  return [['express, redis', 'processes', 'requests/s', 'µs a request'], ...rows];
}

/** For a terminal. */
export function asText(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

export function asMarkdown(table: Table): string {
  const [head = [], ...rows] = table;
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
