import { hash, randomBytes } from 'node:crypto';

const ID_BYTES = 32;

/** A new session id: 32 random bytes as 43 base64url characters. */
export function createId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}

/** Where the store keeps the session of `id`: nothing in the store works as a cookie. */
export function sessionKey(prefix: string, id: string): string {
  return prefix + hash('sha256', id, 'base64url');
}

/** Where the store keeps the list of an owner's sessions. */
export function ownerKey(prefix: string, owner: string): string {
  return `${prefix}owner:${hash('sha256', owner, 'base64url')}`;
}

/** Where the store keeps who has taken over a session that another library knew as `oldId`. */
export function takeoverKey(prefix: string, oldId: string): string {
  return `${prefix}takeover:${hash('sha256', `session takeover ${oldId}`, 'base64url')}`;
}
