/**
 * Starts a plain timer beside a call that is to be over with it. What is given back says, once the
 * call is over, by how many milliseconds it came after that timer: on a busy machine both are late.
 */
export function timerBeside(milliseconds: number): () => number {
  let fired: number | undefined;
  const timer = setTimeout(() => {
    fired = performance.now();
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    return fired === undefined ? 0 : performance.now() - fired;
  };
}
