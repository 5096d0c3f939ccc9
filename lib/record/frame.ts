import { crc32 } from 'node:zlib';

/** Data that is no frame of this format under this key: corrupt, truncated, copied or foreign. */
export class UnreadableRecordError extends Error {}

/** What a frame holds: the property that its content stands under. */
export type FrameKind = 'session' | 'owner';

const CHECKSUM_WIDTH = 8;
const END = '}';

/**
 * The text to store under `key`: JSON that other programs can read, with its format version, its
 * key and a checksum over both key and content.
 *
 * @param content JSON
 */
export function frame(key: string, kind: FrameKind, content: string): string {
  // Joined, the parts become one text; added up, V8 keeps them all, and the memory store with them.
  return [head(key), checksum(key, content), middle(kind), content, END].join('');
}

/**
 * The content of a frame, as JSON. There is one frame for a key and a content, so what stands before
 * the content is made again and compared.
 *
 * @throws UnreadableRecordError
 */
export function unframe(key: string, kind: FrameKind, data: string): string {
  const before = head(key);
  const after = middle(kind);
  const content = data.slice(before.length + CHECKSUM_WIDTH + after.length, -END.length);
  const start = before + checksum(key, content) + after;
  if (data.startsWith(start) && data.endsWith(END)) return content;
  throw new UnreadableRecordError();
}

function head(key: string): string {
  return `{"format":1,"key":${JSON.stringify(key)},"checksum":"`;
}

function middle(kind: FrameKind): string {
  return `","${kind}":`;
}

function checksum(key: string, content: string): string {
  return crc32(key + content)
    .toString(16)
    .padStart(CHECKSUM_WIDTH, '0');
}
