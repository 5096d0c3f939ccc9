const MOVING = 'nestjs-session-bag:moving:';
const MOVED = 'nestjs-session-bag:moved';
const ENDED = 'nestjs-session-bag:ended';

/** What one of the two stores has under a key: a record, or a note in its place. */
export type Note =
  | { readonly kind: 'record' }
  /** In the old store: a record that nobody changes any more, on its way to the new one. */
  | { readonly kind: 'moving'; readonly data: string; readonly expires: number }
  /** In the old store: the new one has had the record. */
  | { readonly kind: 'moved' }
  /** In the new store: the record was destroyed, and must not be brought in again. */
  | { readonly kind: 'ended' };

/** @param expires milliseconds since 1970 */
export function movingNote(data: string, expires: number): string {
  return `${MOVING}${expires}:${data}`;
}

export const movedNote = MOVED;
export const endedNote = ENDED;

export function readNote(data: string): Note {
  if (data === MOVED) return { kind: 'moved' };
  if (data === ENDED) return { kind: 'ended' };
  if (!data.startsWith(MOVING)) return { kind: 'record' };
  const end = data.indexOf(':', MOVING.length);
  const expires = Number(data.slice(MOVING.length, end));
  return { kind: 'moving', data: data.slice(end + 1), expires };
}
