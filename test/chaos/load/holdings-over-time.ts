import type { AppProcess } from '../app/app-process.js';
import type { Holdings } from '../app/messages.js';

/** Bytes by which the heap may be larger at the end: code that was optimised, and full caches. */
const HEAP_TOLERANCE = 16 * 2 ** 20;
/** Others than users, such as connections to the store, may come and go. */
const COUNT_TOLERANCE = 10;
/** The share of the samples in which everything is still being filled. */
const WARM_UP = 0.3;

/** What a process holds, looked at again and again. */
export class HoldingsOverTime {
  readonly samples: Holdings[] = [];

  async sample(app: AppProcess, request?: 'sweep'): Promise<void> {
    this.samples.push(await app.measure(request));
  }

  /** What has grown from after the warm-up to the end. */
  get growth(): string[] {
    const warm = this.samples.slice(Math.floor(WARM_UP * this.samples.length));
    const half = Math.ceil(warm.length / 2);
    return growthBetween(median(warm.slice(0, half)), median(warm.slice(half)));
  }
}

/** What is more in the second than in the first, beyond what may be. */
export function growthBetween(before: Holdings, after: Holdings): string[] {
  const names = Object.keys(before) as (keyof Holdings)[];
  return names
    .filter((name) => {
      return after[name] - before[name] > (name === 'heapBytes' ? HEAP_TOLERANCE : COUNT_TOLERANCE);
    })
    .map((name) => `${name} has grown from ${before[name]} to ${after[name]}`);
}

export function describeHoldings(holdings: Holdings): string {
  const { heapBytes, descriptors, timers, listeners } = holdings;
  const heap = `${(heapBytes / 2 ** 20).toFixed(1)} MiB`;
  return `heap ${heap}, ${descriptors} descriptors, ${timers} timers, ${listeners} listeners`;
}

function median(samples: readonly Holdings[]): Holdings {
  const middle = (of: (holdings: Holdings) => number): number =>
    samples.map(of).toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
  return {
    heapBytes: middle(({ heapBytes }) => heapBytes),
    descriptors: middle(({ descriptors }) => descriptors),
    timers: middle(({ timers }) => timers),
    listeners: middle(({ listeners }) => listeners),
  };
}
