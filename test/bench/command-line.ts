import { parseArgs } from 'node:util';
import type { Pace } from './measure.js';
import { type RouteName, routes } from './routes.js';
import { type Platform, platforms, type StoreName, storeNames } from './variants.js';

/** What is to be measured, and how. */
export interface Plan {
  readonly isQuick: boolean;
  /** Whether everything is measured, so that the results may go into the documentation. */
  readonly isWhole: boolean;
  readonly platforms: readonly Platform[];
  readonly stores: readonly StoreName[];
  readonly routes: readonly RouteName[];
  readonly pace: Pace;
}

const WHOLE: Pace = { connections: 8, rounds: 12, slice: 150, warmUp: 6000 };
const QUICK: Pace = { connections: 8, rounds: 9, slice: 100, warmUp: 5000 };
/** The routes that the goals are about. */
const QUICK_ROUTES = new Set(['untouched', 'read', 'write']);
const QUICK_STORES = new Set<StoreName>(['memory', 'redis']);

/**
 * `--quick` measures less, and less exactly. `--only` names platforms, stores and routes, such as
 * `--only express,redis,read`; what it names of no kind is not narrowed.
 *
 * @throws Error for a word that is none of them
 */
export function planOf(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
  });
  const isQuick = values.quick;
  const words = values.only.split(',').filter((word) => word !== '');
  const names = routes.map(({ name }) => name);
  const known: readonly string[] = [...platforms, ...storeNames, ...names];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) {
    throw new Error(`--only takes words of: ${known.join(', ')}. "${unknown}" is none of them.`);
  }
  return {
    isQuick,
    isWhole: !isQuick && words.length === 0,
    platforms: chosen(platforms, words, platforms),
    stores: chosen(
      storeNames,
      words,
      storeNames.filter((name) => !isQuick || QUICK_STORES.has(name)),
    ),
    routes: chosen(
      names,
      words,
      names.filter((name) => !isQuick || QUICK_ROUTES.has(name)),
    ),
    pace: isQuick ? QUICK : WHOLE,
  };
}

function chosen<T extends string>(
  all: readonly T[],
  words: readonly string[],
  otherwise: readonly T[],
): readonly T[] {
  const named = all.filter((name) => words.includes(name));
  return named.length > 0 ? named : otherwise;
}
