import type { Profiler } from 'node:inspector';
import { type Piece, pieceOf, PLATFORM } from './pieces.js';

type Owner = Piece | typeof PLATFORM;

/** Node's ways of sending an answer: an application without sessions goes them too. */
const SENDING = new Set(['end', 'write_', 'writeHead', '_storeHeader', 'flushHeaders', '_send']);

/**
 * The share of each piece in the time that the processor worked, by who was at work: the nearest of
 * our functions that the running code was called by, unless that is Node's own sending in between.
 */
export function attribute({
  nodes,
  samples = [],
  timeDeltas = [],
}: Profiler.Profile): Map<Owner, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const shares = new Map<Owner, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const stack: Profiler.ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = byId.get(at);
      if (node) stack.push(node);
    }
    if (stack[0]?.callFrame.functionName === '(idle)') continue;
    const time = timeDeltas[index] ?? 0;
    const owner = ownerOf(stack);
    total += time;
    shares.set(owner, (shares.get(owner) ?? 0) + time);
  }
  for (const [owner, time] of shares) shares.set(owner, time / total);
  return shares;
}

/** @param stack the running function first */
function ownerOf(stack: readonly Profiler.ProfileNode[]): Owner {
  for (const [height, { callFrame }] of stack.entries()) {
    const { functionName, url } = callFrame;
    // All that a request does at once is called by `run`; only what that does itself is its own.
    if (url.endsWith('async_hooks') && (functionName !== 'run' || height === 0)) return 'context';
    const [, path] = /\/dist\/lib\/(.*)\.js$/.exec(url) ?? [];
    if (path !== undefined) return pieceOf(path);
    if (url.startsWith('node:_http') && SENDING.has(functionName)) return PLATFORM;
  }
  return PLATFORM;
}
