/** Milliseconds. */
const TURN = 5;

/**
 * Watches a call that has just begun and is to be over within that many milliseconds, give or take a
 * tenth. What is given back is asked once the call is over, and says whether it is late. Timers fire
 * in their order: where the machine stands still, a call that ends by a timer of its own is not late.
 */
export function watchLateness(milliseconds: number): () => boolean {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
  }, milliseconds * 1.1);
  return () => {
    clearTimeout(timer);
    return isLate;
  };
}

/**
 * A stopwatch for what ends by several timers, or by none. What is given back is asked once, and
 * tells the milliseconds for which this process came to its timers: it stands still with the machine,
 * so that a test may compare them with a limit however busy the machine is.
 */
export function startStopwatch(): () => number {
  let turns = 0;
  const timer = setInterval(() => {
    turns++;
  }, TURN).unref();
  return () => {
    clearInterval(timer);
    return turns * TURN;
  };
}
