import type { OwnerEntry } from './owner-list.js';

/** How many former keys are kept at least; their ids lead on for a moment only. */
const KEPT_KEYS = 8;
/** Milliseconds for which more of them stay: a request that takes minutes may know any of those. */
const KEPT_MS = 600_000;
/** How many are kept at the most. */
const MOST_KEYS = 64;

/** The entry of a session that lives on under another key. */
export function successorOf(
  entry: OwnerEntry,
  replaced: string,
  entries: readonly OwnerEntry[],
): OwnerEntry {
  const before = entries.find(({ key }) => key === replaced);
  const now = entry.listedAt;
  const keys = [replaced, ...(before?.formerKeys ?? [])];
  const times = [now, ...(before?.leftAt ?? [])];
  const isKept = (_: unknown, index: number): boolean =>
    index < KEPT_KEYS || (index < MOST_KEYS && now - (times[index] ?? 0) < KEPT_MS);
  return {
    ...entry,
    formerKeys: keys.filter(isKept),
    leftAt: times.filter(isKept),
    info: entry.info ?? before?.info,
  };
}

/** Whether a session has that key, or had it before its id was renewed. */
export function isUnder(entry: OwnerEntry, wanted: string | undefined): boolean {
  return wanted !== undefined && (entry.key === wanted || wasUnder(entry, wanted));
}

/** Whether a session had that key before its id was renewed. */
export function wasUnder({ formerKeys }: OwnerEntry, key: string): boolean {
  return formerKeys?.includes(key) === true;
}

/** The entries of the sessions that have one of these keys, or had it before their ids were renewed. */
export function entriesUnder(
  keys: readonly string[],
  entries: readonly OwnerEntry[],
): readonly OwnerEntry[] {
  const isWanted = (entry: OwnerEntry) => keys.some((key) => isUnder(entry, key));
  return bySession(entries)
    .filter((session) => session.some(isWanted))
    .flat();
}

/**
 * The entries by session: one that is getting a new id has an entry under each, and one under either
 * where two requests give it one. Of those two one will stay.
 */
export function bySession(entries: readonly OwnerEntry[]): OwnerEntry[][] {
  const known = new Map<string, Set<OwnerEntry>>();
  for (const entry of entries) {
    const session = new Set([entry]);
    for (const key of keysOf(entry)) for (const one of known.get(key) ?? []) session.add(one);
    for (const one of session) for (const key of keysOf(one)) known.set(key, session);
  }
  return Array.from(new Set(known.values()), (session) => [...session]);
}

function keysOf({ key, formerKeys = [] }: OwnerEntry): readonly string[] {
  return [key, ...formerKeys];
}
