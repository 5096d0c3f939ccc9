import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** A new id, readable by those only who know the old one: the store does not. */
export function sealId(newId: string, oldId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, aliasKey(oldId), nonce);
  const sealed = [nonce, cipher.update(newId, 'latin1'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** @throws Error when it was not sealed for this id */
export function unsealId(sealed: string, oldId: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, aliasKey(oldId), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return (
    decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'latin1') +
    decipher.final('latin1')
  );
}

function aliasKey(id: string): Buffer {
  return hash('sha256', `session alias ${id}`, 'buffer');
}
