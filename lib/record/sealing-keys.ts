import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';

/** A key that records are sealed with. Printing it shows no secret. */
export interface SealingKey {
  /** Stands in what was sealed, to tell which key opens it; it tells nothing of the key. */
  readonly id: string;
  readonly secret: KeyObject;
}

/** The keys of an application: the first one seals, all of them open. */
export type SealingKeys = readonly [SealingKey, ...SealingKey[]];

const SHORTEST_KEY = 32;
/** Of 32 random bytes about 30 are different; fewer than 16 do not happen by chance. */
const LEAST_VARIETY = 16;
const ID_BYTES = 6;

const HEX = /^(?:[\da-f]{2})+$/i;
const BASE64 = /^[\w+/-]+={0,2}$/;

const HOW_TO_MAKE_ONE = `Make a key with: node -e "console.log(require('crypto').randomBytes(32).toString('base64url'))"`;

/**
 * The keys that the option `encryption` holds.
 *
 * @throws InvalidSessionOptionsException for what is no key, or one that can be guessed
 */
export function readSealingKeys(encryption: unknown): SealingKeys {
  const { keys, ...others } = Object(encryption) as { readonly keys?: unknown };
  const given: readonly unknown[] = Array.isArray(keys) ? keys : [];
  const [newest, ...older] = given.map(readKey);
  if (newest === undefined || Object.keys(others).length > 0) {
    refuse('must be { keys: [newest, ...older] } with one key or more.');
  }
  const read: SealingKeys = [newest, ...older];
  if (new Set(read.map(({ id }) => id)).size < read.length) {
    refuse('has the same key twice in "keys". Leave each of them in once.');
  }
  return read;
}

function readKey(given: unknown, index: number): SealingKey {
  const bytes = typeof given === 'string' ? decode(given) : given;
  if (!(bytes instanceof Uint8Array) || bytes.length < SHORTEST_KEY) {
    refuse(
      `needs 32 random bytes or more as keys[${index}]: a Buffer, or text of 43 characters or more ` +
        'in base64url, or of 64 or more in hexadecimal digits.',
    );
  }
  if (isGuessable(bytes)) {
    refuse(`has a keys[${index}] that is not random: it repeats itself or follows a pattern.`);
  }
  const secret = createSecretKey(bytes);
  return { id: idOf(secret), secret };
}

/** Undefined for words, which are no keys however long: random text in base64 has letters of both cases. */
function decode(text: string): Buffer | undefined {
  if (HEX.test(text)) return Buffer.from(text, 'hex');
  const isRandom = BASE64.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
  return isRandom ? Buffer.from(text, 'base64') : undefined;
}

/** Whether the bytes, or the steps from one to the next, are few different ones. */
function isGuessable(bytes: Uint8Array): boolean {
  const steps = bytes.subarray(1).map((byte, index) => byte - (bytes[index] ?? 0));
  return new Set(bytes).size < LEAST_VARIETY || new Set(steps).size < LEAST_VARIETY;
}

function idOf(secret: KeyObject): string {
  const id = hkdfSync('sha256', secret, '', 'nestjs-session-bag key id', ID_BYTES);
  return Buffer.from(id).toString('base64url');
}

function refuse(sentence: string): never {
  throw new InvalidSessionOptionsException(
    `The session option "encryption" ${sentence} ${HOW_TO_MAKE_ONE}`,
  );
}
