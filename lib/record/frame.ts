import { crc32 } from 'node:zlib';

/** Data that is no frame of this format under this key: corrupt, truncated, copied or foreign. */
export class UnreadableRecordError extends Error {}

/** What a frame holds: the property that its content stands under. */
export type FrameKind = 'session' | 'owner';

const CHECKSUM_WIDTH = 8;

/**
 * The text to store under `key`: JSON that other programs can read, with its format version, its
 * key and a checksum over both key and content.
 *
 * @param content JSON
 */
export function frame(key: string, kind: FrameKind, content: string): string {
  return `${head(key)}${checksum(key, content)}${middle(kind)}${content}}`;
}

/**
 * The content of a frame, as JSON.
 *
 * @throws UnreadableRecordError
 */
export function unframe(key: string, kind: FrameKind, data: string): string {
  const start = head(key);
  const sumStart = start.length;
  const sumEnd = sumStart + CHECKSUM_WIDTH;
  const content = data.slice(sumEnd + middle(kind).length, -1);
  const isFrame =
    data.startsWith(start) && data.startsWith(middle(kind), sumEnd) && data.endsWith('}');
  if (isFrame && data.slice(sumStart, sumEnd) === checksum(key, content)) return content;
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
