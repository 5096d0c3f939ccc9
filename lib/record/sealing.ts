import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { SealingKey, SealingKeys } from './sealing-keys.js';

const FORMAT = 'sealed1';
const ALGORITHM = 'aes-256-gcm';
const SALT_BYTES = 24;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Whether a text looks like a sealed one, whatever it was sealed with. */
export function isSealed(text: string): boolean {
  return text.startsWith(`${FORMAT}.`);
}

/**
 * Texts that only those who have the keys can read, make or change. Each is bound to the place
 * where it stands: in another one it does not open.
 *
 * A sealed text is `sealed1.<id of the key>.<salt, encrypted UTF-8 and tag in base64url>`.
 */
export class Sealing {
  readonly #newest: SealingKey;
  readonly #keys: ReadonlyMap<string, SealingKey>;
  readonly #purpose: string;

  /** @param purpose a word: what was sealed for another one does not open */
  constructor(keys: SealingKeys, purpose: string) {
    this.#newest = keys[0];
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#purpose = purpose;
  }

  /** @param place where the sealed text will stand, such as its key in the store */
  seal(text: string, place: string): string {
    const { id } = this.#newest;
    const salt = randomBytes(SALT_BYTES);
    const { key, nonce } = this.#derive(this.#newest, salt);
    const cipher = createCipheriv(ALGORITHM, key, nonce);
    cipher.setAAD(this.#bound(id, place));
    const sealed = [salt, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `${FORMAT}.${id}.${Buffer.concat(sealed).toString('base64url')}`;
  }

  /** How many characters a text of so many bytes has when it is sealed. */
  lengthOf(bytes: number): number {
    const body = Math.ceil(((SALT_BYTES + bytes + TAG_BYTES) * 4) / 3);
    return `${FORMAT}.${this.#newest.id}.`.length + body;
  }

  /** Undefined for what these keys have not sealed, for this purpose and place. */
  open(sealed: string, place: string): string | undefined {
    const [format, id = '', body = '', ...rest] = sealed.split('.');
    const known = this.#keys.get(id);
    if (format !== FORMAT || known === undefined || rest.length > 0) return undefined;
    const bytes = Buffer.from(body, 'base64url');
    // Decoding passes over what is no base64url; a sealed text is written in one way only.
    const isWhole = bytes.length >= SALT_BYTES + TAG_BYTES && bytes.toString('base64url') === body;
    return isWhole ? this.#decrypt(known, bytes, place) : undefined;
  }

  #decrypt(known: SealingKey, bytes: Buffer, place: string): string | undefined {
    const { key, nonce } = this.#derive(known, bytes.subarray(0, SALT_BYTES));
    const decipher = createDecipheriv(ALGORITHM, key, nonce);
    decipher.setAAD(this.#bound(known.id, place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(SALT_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /**
   * Each salt has a key and a nonce of its own. Random nonces under one key would be safe for some
   * 2^32 records only; 24 random bytes do not come twice.
   */
  #derive({ secret }: SealingKey, salt: Buffer): { readonly key: Buffer; readonly nonce: Buffer } {
    const info = `nestjs-session-bag ${FORMAT} ${this.#purpose}`;
    const derived = Buffer.from(hkdfSync('sha256', secret, salt, info, KEY_BYTES + NONCE_BYTES));
    return { key: derived.subarray(0, KEY_BYTES), nonce: derived.subarray(KEY_BYTES) };
  }

  /** What is authenticated beside the text. The place stands last: it may hold dots. */
  #bound(id: string, place: string): Buffer {
    return Buffer.from(`${FORMAT}.${id}.${this.#purpose}.${place}`);
  }
}
