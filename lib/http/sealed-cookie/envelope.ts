/** What a sealed cookie holds. Times are milliseconds since 1970. */
export interface Envelope {
  readonly id: string;
  /** When the session began, or its owner logged in: its absolute life counts from there. */
  readonly issuedAt: number;
  /** When it ends if it is not used. */
  readonly idleUntil: number;
  /** When it ends however busy: as it was issued, whatever the options have become. */
  readonly endsAt: number;
  /** The record. */
  readonly data: string;
}

const ENVELOPE = /^([\w-]{43})\.(\d+)\.(\d+)\.(\d+)\.(.+)$/s;

/** An id, three times of 13 digits, and a dot behind each. */
const HEAD_LENGTH = 44 + 3 * 14;

export function writeEnvelope({ id, issuedAt, idleUntil, endsAt, data }: Envelope): string {
  return `${id}.${issuedAt}.${idleUntil}.${endsAt}.${data}`;
}

/** Undefined for what is written in another way. */
export function readEnvelope(text: string): Envelope | undefined {
  const [, id, issuedAt, idleUntil, endsAt, data] = ENVELOPE.exec(text) ?? [];
  if (id === undefined || data === undefined) return undefined;
  return {
    id,
    issuedAt: Number(issuedAt),
    idleUntil: Number(idleUntil),
    endsAt: Number(endsAt),
    data,
  };
}

/** How many bytes the envelope of a record has. */
export function envelopeSize(data: string): number {
  return HEAD_LENGTH + Buffer.byteLength(data);
}
