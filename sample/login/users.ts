import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';

const derive = promisify<string, string, number, Buffer>(scrypt);

interface User {
  readonly salt: string;
  /** Of the password, by scrypt, in base64. */
  readonly hash: string;
}

const USERS: ReadonlyMap<string, User> = new Map([
  [
    'kimbra',
    { salt: 'bxzGSQ6OaSZlNiBUebOJiA==', hash: 'fMr72lGEKpWFeR8nhIdcuKsNdLtqTsEqbr+ONgZN28Y=' },
  ],
  [
    'omar',
    { salt: '/NbYDaWNjErf6mCbQgZm3w==', hash: 'wUEgtgO9Au2oXVpC6PTa++kE6gT/xGMNtGryJ0/zhx4=' },
  ],
]);

const NOBODY: User = { salt: '', hash: Buffer.alloc(32).toString('base64') };

/** The demo's users: everybody may be one of them, so the login page tells their passwords. */
export const DEMO_LOGINS = [
  { name: 'kimbra', password: 'espresso' },
  { name: 'omar', password: 'ristretto' },
] as const;

/** Stands for an application's own users. */
@Injectable()
export class Users {
  /** An unknown name takes as long as a wrong password, so that nobody learns who has an account. */
  async accepts(name: string, password: string): Promise<boolean> {
    const user = USERS.get(name);
    const { salt, hash } = user ?? NOBODY;
    const derived = await derive(password, salt, 32);
    return timingSafeEqual(derived, Buffer.from(hash, 'base64')) && user !== undefined;
  }
}
