/** Milliseconds. */
const TURN = 5;

/**
 * A stopwatch for what is to end in time. What is given back is asked once that is over, and tells the
 * milliseconds for which this process came to its timers: it stands still with the machine, so that a
 * test may compare them with a limit however busy the machine is.
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
