import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** One record as it stands in its file. */
export interface Frame {
  /** Never used twice. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  readonly data: string;
}

/** A file that is no frame of its record: damaged, or put there by somebody else. */
export const DAMAGED = 'damaged';

export type Found = Frame | typeof DAMAGED | undefined;

export function isLive(found: Found): found is Frame {
  return typeof found === 'object' && found.expires > Date.now();
}

export function isExpired(found: Found): boolean {
  return typeof found === 'object' && found.expires <= Date.now();
}

/*
 * A file is one line of fixed length, and then the data:
 *
 *   nsb1 <version> <expires>.<sum> <proof>
 *
 * The proof is a hash over record name, version and data: a file that was cut, changed or copied to
 * another name does not have it. The expiry stands outside, with a sum of its own, since it is
 * written over in place when a life is extended.
 */
const MAGIC = 'nsb1 ';
const VERSION_LENGTH = 22;
const EXPIRES_DIGITS = 13;
const LATEST = 10 ** EXPIRES_DIGITS - 1;
const HEADER = /^nsb1 ([\w-]{22}) (\d{13})\.([0-9a-f]{8}) ([\w-]{43})\n$/;

/** Where in the file `encodeExpiry` goes. */
export const EXPIRY_POSITION = MAGIC.length + VERSION_LENGTH + 1;

export function newVersion(): string {
  return randomBytes(16).toString('base64url');
}

/** @param ttl - seconds from now */
export function expiryIn(ttl: number): number {
  return Math.min(Date.now() + Math.round(ttl * 1000), LATEST);
}

export function encodeFrame(name: string, { version, expires, data }: Frame): Buffer {
  const content = Buffer.from(data);
  const expiry = encodeExpiry(version, expires);
  const header = `${MAGIC}${version} ${expiry} ${proofOf(name, version, content)}\n`;
  return Buffer.concat([Buffer.from(header), content]);
}

export function encodeExpiry(version: string, expires: number): string {
  const digits = String(expires).padStart(EXPIRES_DIGITS, '0');
  return `${digits}.${sumOf(version, digits)}`;
}

export function decodeFrame(name: string, bytes: Buffer): Frame | typeof DAMAGED {
  const headerLength = bytes.indexOf('\n') + 1;
  const header = HEADER.exec(bytes.toString('latin1', 0, headerLength));
  if (header === null) return DAMAGED;
  const [, version = '', digits = '', sum, proof] = header;
  const content = bytes.subarray(headerLength);
  if (sum !== sumOf(version, digits) || proof !== proofOf(name, version, content)) return DAMAGED;
  return { version, expires: Number(digits), data: content.toString() };
}

function proofOf(name: string, version: string, content: Buffer): string {
  // Name and version have a fixed length, so the three cannot run into each other.
  return createHash('sha256').update(name).update(version).update(content).digest('base64url');
}

function sumOf(version: string, digits: string): string {
  return crc32(`${version}${digits}`).toString(16).padStart(8, '0');
}
