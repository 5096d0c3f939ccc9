import type { RecordVersion } from '../session-adapter.js';

const VERSION = /^[0-9a-f]{16}$/;
/** memcached without CAS gives this to every item, and takes it for "whatever is there". */
const NO_CAS = '0'.repeat(16);

/** The CAS bytes as text; undefined from a server that does not count versions. */
export function versionOf(cas: Buffer): string | undefined {
  const version = cas.toString('hex');
  return version === NO_CAS ? undefined : version;
}

/** Undefined for a version that memcached cannot have given. */
export function casOf(version: RecordVersion): Buffer | undefined {
  if (typeof version !== 'string' || !VERSION.test(version) || version === NO_CAS) return undefined;
  return Buffer.from(version, 'hex');
}
