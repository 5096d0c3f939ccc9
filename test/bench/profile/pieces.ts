/** What our share of a request consists of, in the order of a request. */
export const pieces = [
  'context',
  'exchange',
  'gate',
  'cookie',
  'key',
  'store call',
  'record',
  'session',
  'bag',
  'commit',
] as const;

export type Piece = (typeof pieces)[number];

/** Everything that an application without sessions does as well. */
export const PLATFORM = 'Node.js, Nest and the platform';

/** By the beginning of a file's path in `lib/`; the first that fits. */
const byFile: readonly (readonly [path: string, piece: Piece])[] = [
  ['http/gate/', 'gate'],
  ['http/response-gates', 'gate'],
  ['http/cache-headers', 'gate'],
  ['http/session-cookie', 'cookie'],
  ['http/cookie-', 'cookie'],
  ['http/session-transport', 'cookie'],
  ['http/', 'exchange'],
  ['record/ids', 'key'],
  ['record/session-values', 'session'],
  ['record/changes', 'session'],
  ['record/handed-out', 'session'],
  ['record/', 'record'],
  ['adapters/', 'store call'],
  ['store/bounded-adapter', 'store call'],
  ['store/deadline', 'store call'],
  ['store/record-store', 'record'],
  ['store/session-finder', 'session'],
  ['store/session-life', 'session'],
  ['store/lifetimes', 'session'],
  ['store/', 'commit'],
  ['session.context', 'context'],
  ['bag', 'bag'],
  ['variable-proxy', 'bag'],
  ['scoped-variables', 'bag'],
  ['decorators/', 'bag'],
  ['', 'session'],
];

/** @param path of a file, from `lib/` on */
export function pieceOf(path: string): Piece {
  return byFile.find(([start]) => path.startsWith(start))?.[1] ?? 'session';
}
