import { createHmac, timingSafeEqual } from 'node:crypto';
import { assertStoreTimeout } from '../adapters/store-timeout.js';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import type {
  PreviousSession,
  SessionPredecessor,
} from '../interfaces/session-predecessor.interface.js';
import type { ExpressStore } from './express-store.js';
import { StoreCall } from './store-call.js';

/** @publicApi */
export interface FromConnectSidOptions {
  /** The store that express-session was given; its own `MemoryStore` is lost with its process. */
  readonly store: ExpressStore;
  /** The secret that express-session was given, or all of them. */
  readonly secret: string | readonly string[];
  /**
   * The name of express-session's cookie.
   *
   * @default 'connect.sid'
   */
  readonly name?: string | undefined;
  /**
   * The path of that cookie, for it to be cleared.
   *
   * @default '/'
   */
  readonly path?: string | undefined;
  /**
   * The domain of that cookie, for it to be cleared.
   *
   * @default none
   */
  readonly domain?: string | undefined;
  /**
   * Milliseconds for one call of the old store.
   *
   * @default 2000
   */
  readonly storeTimeout?: number | undefined;
}

/**
 * Reads the sessions that express-session has left, for the option `takeOver`: a visitor who comes
 * with its cookie goes on with the same variables in a session of this package, Passport's login
 * included. The old session ends, and its cookie is cleared.
 *
 * @throws InvalidSessionOptionsException
 * @publicApi
 */
export function fromConnectSid(options: FromConnectSidOptions): SessionPredecessor {
  return new ConnectSid(options);
}

/** What express-session, and session-file-store, keep among the variables. */
const NO_VARIABLES: ReadonlySet<string> = new Set(['cookie', '__lastAccess']);
const SIGNED = 's:';
/** What browsers set, and clear, with Secure only. */
const PREFIXED = /^__(?:Host|Secure)-/i;
const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/;

class ConnectSid implements SessionPredecessor {
  readonly cookieName: string;
  readonly #options: FromConnectSidOptions;
  readonly #secrets: readonly string[];

  constructor(options: FromConnectSidOptions) {
    const { store, secret, name = 'connect.sid' } = options;
    assertStoreTimeout(options.storeTimeout);
    this.#options = options;
    this.#secrets = [secret].flat();
    this.cookieName = name;
    const areSecrets = this.#secrets.every((one) => typeof one === 'string' && one !== '');
    if (!areSecrets || this.#secrets.length === 0 || !TOKEN.test(name)) {
      throw new InvalidSessionOptionsException(
        'fromConnectSid() takes the secret of express-session, or a list of them, and the name of its ' +
          'cookie where that is not connect.sid.',
      );
    }
    if (typeof store?.get !== 'function' || typeof store.destroy !== 'function') {
      throw new InvalidSessionOptionsException(
        'fromConnectSid() takes the store of express-session, made with new, as "store".',
      );
    }
  }

  find(cookieValue: string): PreviousSession | undefined {
    const id = this.#unsign(decode(cookieValue));
    return id === undefined ? undefined : new ConnectSidSession(id, this.cookieName, this.#options);
  }

  /** Compares in constant time, with every secret. */
  #unsign(value: string): string | undefined {
    const end = value.lastIndexOf('.');
    if (!value.startsWith(SIGNED) || end <= SIGNED.length) return undefined;
    const id = value.slice(SIGNED.length, end);
    const signature = Buffer.from(value.slice(end + 1));
    const matches = this.#secrets.filter((secret) => isEqual(signature, sign(id, secret)));
    return matches.length > 0 ? id : undefined;
  }
}

class ConnectSidSession implements PreviousSession {
  readonly id: string;
  readonly #cookieName: string;
  readonly #options: FromConnectSidOptions;

  constructor(id: string, cookieName: string, options: FromConnectSidOptions) {
    this.id = id;
    this.#cookieName = cookieName;
    this.#options = options;
  }

  get clearedCookie(): string {
    const { path = '/', domain } = this.#options;
    const where = domain === undefined ? '' : `; Domain=${domain}`;
    const how = PREFIXED.test(this.#cookieName) ? '; HttpOnly; Secure' : '; HttpOnly';
    return `${this.#cookieName}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=${path}${where}${how}`;
  }

  async read(): Promise<Readonly<Record<string, unknown>> | undefined> {
    const stored = await this.#call().getAny();
    if (typeof stored !== 'object' || stored === null) return undefined;
    if (isOver('cookie' in stored ? stored.cookie : undefined)) return undefined;
    const variables = Object.entries(stored).filter(([name]) => !NO_VARIABLES.has(name));
    return Object.fromEntries(variables);
  }

  end(): Promise<void> {
    return this.#call().destroy();
  }

  #call(): StoreCall {
    const { store, storeTimeout = 2000 } = this.#options;
    return new StoreCall(store, this.id, storeTimeout);
  }
}

function sign(id: string, secret: string): Buffer {
  return Buffer.from(createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, ''));
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function decode(cookieValue: string): string {
  try {
    return decodeURIComponent(cookieValue);
  } catch {
    return '';
  }
}

/** Some stores keep a session for longer than its cookie; a date may have become its text. */
function isOver(cookie: unknown): boolean {
  const { expires } = Object(cookie) as { readonly expires?: unknown };
  const date =
    typeof expires === 'string' || expires instanceof Date ? new Date(expires) : undefined;
  return date !== undefined && date.getTime() <= Date.now();
}
