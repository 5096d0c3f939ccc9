/** What memcached takes as a number of seconds; beyond, it takes a UNIX time. */
const LONGEST_RELATIVE = 2_592_000;
const LATEST = 0xffff_ffff;

/**
 * The expiry to send for a life of `ttl` seconds. memcached counts in ticks of a second, so one is
 * added: the record lives at least `ttl` seconds and at most two more. Never 0, which is forever.
 */
export function expiryOf(ttl: number, now = Date.now()): number {
  if (!(ttl > 0)) throw new RangeError('A record lives for a number of seconds above 0.');
  const seconds = Math.ceil(ttl) + 1;
  if (seconds <= LONGEST_RELATIVE) return seconds;
  return Math.min(Math.floor(now / 1000) + seconds, LATEST);
}
