import type { RecordVersion } from '../session-adapter.js';

/** Which of the two stores has the record. */
export type Side = 'from' | 'to';

/** A version as one of the stores gave it. */
export interface StoreVersion {
  readonly side: Side;
  readonly version: RecordVersion;
}

/** One version for both stores, that says which of them it is of. */
export function tellVersion({ side, version }: StoreVersion): string {
  return `${side}:${typeof version === 'number' ? 'number' : 'string'}:${version}`;
}

/** Undefined for what `tellVersion` has not made: no store has such a version. */
export function parseVersion(told: RecordVersion): StoreVersion | undefined {
  const match = /^(from|to):(number|string):(.*)$/s.exec(String(told));
  if (match === null) return undefined;
  const [, side, type, text = ''] = match;
  return {
    side: side === 'from' ? 'from' : 'to',
    version: type === 'number' ? Number(text) : text,
  };
}
