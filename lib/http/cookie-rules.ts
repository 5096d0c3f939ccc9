import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import type { SessionCookieOptions } from '../interfaces/session-cookie-options.interface.js';

/** In seconds: 400 days, beyond which browsers do not keep a cookie. */
export const LONGEST_MAX_AGE = 34_560_000;

const HOST_PREFIX = '__Host-';
const SECURE_PREFIX = '__Secure-';

/** Browsers drop a cookie whose name and value are longer, and ignore a longer attribute. */
const LONGEST_NAME_AND_VALUE = 4096;
const LONGEST_ATTRIBUTE = 1024;
const ID_LENGTH = 43;

/** What RFC 6265 takes as a cookie's name. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const DOMAIN = /^\.?(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)*[a-z\d](?:[a-z\d-]*[a-z\d])?$/i;

const IS_BOOLEAN = [true, false] as const;

/** Every option, with the values it takes where they can be counted. */
const CHOICES: Record<keyof SessionCookieOptions, readonly unknown[] | undefined> = {
  path: undefined,
  domain: undefined,
  sameSite: ['lax', 'strict', 'none'],
  secure: [...IS_BOOLEAN, 'auto'],
  prefix: IS_BOOLEAN,
  clearWithBrowser: IS_BOOLEAN,
  partitioned: IS_BOOLEAN,
  priority: ['low', 'medium', 'high'],
};

const MAX_AGE =
  'the option `lifetime` has the seconds, and `clearWithBrowser: false` sends them as Max-Age';

/** What to do in place of options that other libraries have. */
const HINTS: Readonly<Record<string, string>> = {
  maxAge: MAX_AGE,
  expires: MAX_AGE,
  httpOnly: 'the cookie is HttpOnly always',
  signed: 'its value is a random id, which needs no signature',
};

/** The name over https, prefixed with as much protection as path and domain allow. */
export function secureName(name: string, cookie: SessionCookieOptions): string {
  if (cookie.prefix === false || cookie.secure === false || prefixOf(name)) return name;
  return isHostOnly(cookie) ? HOST_PREFIX + name : SECURE_PREFIX + name;
}

/**
 * Refuses, at boot, a cookie that browsers would drop without a word.
 *
 * @throws InvalidSessionOptionsException
 */
export function assertCookieOptions(
  name: string,
  cookie: SessionCookieOptions,
  lifetime: number,
): void {
  assertChoices(cookie);
  assertName(name, cookie);
  assertPath(cookie.path ?? '/');
  if (cookie.domain !== undefined) assertDomain(cookie.domain);
  assertSecure(cookie);
  assertPrefix(name, cookie);
  if (cookie.clearWithBrowser === false && lifetime > LONGEST_MAX_AGE) {
    refuse(
      '`lifetime` is longer than the 400 days for which browsers keep a cookie. ' +
        `Set it to ${LONGEST_MAX_AGE} or less, or leave \`cookie.clearWithBrowser\` true.`,
    );
  }
}

function assertChoices(cookie: SessionCookieOptions): void {
  for (const [option, value] of Object.entries(cookie)) {
    if (!Object.hasOwn(CHOICES, option)) {
      const hint = Object.hasOwn(HINTS, option) ? `${HINTS[option]}; ` : '';
      refuse(
        `\`cookie.${option}\` is no option. Remove it; ${hint}${Object.keys(CHOICES).join(', ')} are.`,
      );
    }
    const choices = CHOICES[option as keyof SessionCookieOptions];
    if (value !== undefined && choices && !choices.includes(value)) {
      refuse(`\`cookie.${option}\` takes ${choices.map((choice) => quoted(choice)).join(' or ')}.`);
    }
  }
}

function assertName(name: unknown, cookie: SessionCookieOptions): void {
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    refuse('`name` is no name of a cookie. Use letters, digits, `-` and `_`.');
  }
  if (secureName(name, cookie).length + ID_LENGTH > LONGEST_NAME_AND_VALUE) {
    refuse('`name` is longer than browsers take. Use a shorter one.');
  }
}

function assertPath(path: unknown): void {
  if (typeof path !== 'string' || !PATH.test(path) || path.length > LONGEST_ATTRIBUTE) {
    refuse(
      '`cookie.path` is no path that browsers take. Begin it with `/`, and use printable ASCII ' +
        'without `;`, encoded where needed.',
    );
  }
}

function assertDomain(domain: unknown): void {
  if (typeof domain !== 'string' || !DOMAIN.test(domain) || domain.length > LONGEST_ATTRIBUTE) {
    refuse(
      '`cookie.domain` is no host name. Give it without protocol, port and path, as in ' +
        "'example.com'; a name in other letters in its xn-- form.",
    );
  }
}

/** With 'auto', a cookie set over http would be dropped: the login would fail without a trace. */
function assertSecure({ secure, sameSite, partitioned }: SessionCookieOptions): void {
  if (secure === true) return;
  if (sameSite === 'none') {
    refuse(
      "Browsers drop a cookie with `cookie.sameSite` 'none' that is not Secure. " +
        "Set `cookie.secure` to true, or `cookie.sameSite` to 'lax'.",
    );
  }
  if (partitioned) {
    refuse(
      'Browsers drop a cookie with `cookie.partitioned` that is not Secure. ' +
        'Set `cookie.secure` to true, or leave `cookie.partitioned` out.',
    );
  }
}

function assertPrefix(name: string, cookie: SessionCookieOptions): void {
  const prefix = prefixOf(name);
  if (prefix === undefined) return;
  if (cookie.secure !== true) {
    refuse(
      `Browsers drop a cookie whose \`name\` begins with ${prefix} when it is not Secure. Set ` +
        '`cookie.secure` to true, or leave the prefix out of `name`: it is added over https.',
    );
  }
  if (prefix === HOST_PREFIX && !isHostOnly(cookie)) {
    refuse(
      `Browsers drop a cookie whose \`name\` begins with ${HOST_PREFIX} when it has a domain or ` +
        'another path than `/`. Leave `cookie.domain` and `cookie.path` out, or the prefix.',
    );
  }
}

/** The rule that a name falls under. Browsers do not look at its case; `__Http-` needs Secure, too. */
function prefixOf(name: string): string | undefined {
  const prefixes = [HOST_PREFIX, SECURE_PREFIX, '__Http-'];
  return prefixes.find((prefix) => name.toLowerCase().startsWith(prefix.toLowerCase()));
}

function isHostOnly({ domain, path = '/' }: SessionCookieOptions): boolean {
  return domain === undefined && path === '/';
}

function quoted(choice: unknown): string {
  return typeof choice === 'string' ? `'${choice}'` : String(choice);
}

function refuse(sentence: string): never {
  throw new InvalidSessionOptionsException(sentence);
}
