import {
  type AdapterChoice,
  type AdapterName,
  chosenAdapter,
  refuseUnknownOptions,
} from './adapters/adapter-options.js';
import type { SessionAdapter } from './adapters/session-adapter.js';
import { assertStoreTimeout } from './adapters/store-timeout.js';
import { assertCookieSessionOptions } from './cookie-session.options.js';
import { InvalidSessionOptionsException } from './exceptions/session.exceptions.js';
import type { SessionCookieOptions } from './interfaces/session-cookie-options.interface.js';
import type { SessionCommonOptions } from './interfaces/session-common-options.interface.js';
import { Sealing } from './record/sealing.js';
import { readSealingKeys } from './record/sealing-keys.js';

/**
 * The options of `SessionModule`. Which of them there are beside the common ones depends on
 * `adapter`.
 *
 * @publicApi
 */
export type SessionModuleOptions = SessionCommonOptions & AdapterChoice;

/**
 * A provider that makes the options, for `forRootAsync({ useClass })` and `useExisting`.
 *
 * @publicApi
 */
export interface SessionOptionsFactory {
  createSessionOptions(): SessionModuleOptions | Promise<SessionModuleOptions>;
}

/** The options as the module works with them: checked, and with their defaults. */
export interface SessionSettings extends Pick<
  SessionCommonOptions,
  'intercept' | 'serializer' | 'takeOver'
> {
  /** What the application gave, for the adapter to be made of. */
  readonly options: SessionModuleOptions;
  /** The built-in adapter's name, or the application's own adapter. */
  readonly adapter: AdapterName | SessionAdapter;
  /** The store that keeps the ends of sessions in cookies. */
  readonly revocations?: SessionAdapter | undefined;
  /** What the full names of this application's variables begin with; '' for all. */
  readonly scope: string;
  readonly prefix: string;
  readonly lifetime: number;
  readonly absoluteLifetime: number | false;
  /** The cookie's name and attributes, for the http layer to check. */
  readonly name: string;
  readonly cookie: SessionCookieOptions;
  /** Whether the cookie of a session without a lifetime of its own ends with the browser. */
  readonly clearWithBrowser: boolean;
  readonly autoStart: boolean;
  readonly storeTimeout: number;
  readonly failFast: boolean;
  readonly renewAfter?: number | undefined;
  readonly maxSessionsPerOwner?: number | undefined;
  readonly whenOwnerIsFull: 'reject' | 'evict-oldest';
  /** What seals the records, or the cookies that hold them. */
  readonly sealing?: Sealing;
}

/** Keys of lists are told from those of sessions by the `owner:` after the prefix. */
const PREFIX = /^(?!.*owner:$)[\x21-\x7e]*$/;
/** Leaves room for a hash behind it in the shortest key that a store allows (memcached: 250). */
const LONGEST_PREFIX = 180;
/** Seconds; 30 days. */
const ABSOLUTE_LIFETIME = 2_592_000;

/**
 * Checks the options, once, and fills in the defaults.
 *
 * @throws InvalidSessionOptionsException naming the option and the cure
 */
export function resolveSessionOptions(options: SessionModuleOptions): SessionSettings {
  refuseUnknownOptions(options);
  const adapter = chosenAdapter({ ...options });
  const { prefix = 'sess:', lifetime = 3600, storeTimeout = 2000 } = options;
  const { absoluteLifetime = ABSOLUTE_LIFETIME, name = 'sid', cookie = {}, uniqueId } = options;
  const { renewAfter, maxSessionsPerOwner, whenOwnerIsFull = 'evict-oldest' } = options;
  const { autoStart = false, failFast = true, intercept, serializer, encryption } = options;
  const { takeOver } = options;
  check(
    uniqueId === undefined || (isFilled(uniqueId) && !uniqueId.includes('#')),
    'uniqueId',
    'a string that is not empty and holds no "#"',
  );
  check(
    typeof prefix === 'string' && PREFIX.test(prefix) && prefix.length <= LONGEST_PREFIX,
    'prefix',
    `a string of at most ${LONGEST_PREFIX} printable ASCII characters without spaces, not ending in "owner:"`,
  );
  checkLifetimes(lifetime, options.absoluteLifetime);
  assertStoreTimeout(storeTimeout);
  check(typeof cookie === 'object' && cookie !== null, 'cookie', 'an object of attributes');
  check(typeof autoStart === 'boolean', 'autoStart', 'true or false');
  check(typeof failFast === 'boolean', 'failFast', 'true or false');
  check(
    renewAfter === undefined || isWhole(renewAfter),
    'renewAfter',
    'a whole number of seconds, 1 or more',
  );
  check(
    maxSessionsPerOwner === undefined || isWhole(maxSessionsPerOwner),
    'maxSessionsPerOwner',
    'a whole number, 1 or more',
  );
  check(
    whenOwnerIsFull === 'reject' || whenOwnerIsFull === 'evict-oldest',
    'whenOwnerIsFull',
    "'reject' or 'evict-oldest'",
  );
  checkMethods(intercept, 'intercept', ['get', 'set'], false);
  checkMethods(serializer, 'serializer', ['serialize', 'deserialize'], true);
  checkMethods(takeOver, 'takeOver', ['find'], true);
  if (adapter === 'cookie') assertCookieSessionOptions(options);
  return {
    options,
    adapter,
    ...('revocations' in options && { revocations: options.revocations }),
    scope: uniqueId === undefined ? '' : `${uniqueId}#`,
    prefix,
    lifetime,
    absoluteLifetime,
    name,
    cookie,
    clearWithBrowser: cookie.clearWithBrowser ?? true,
    autoStart,
    storeTimeout,
    failFast,
    renewAfter,
    maxSessionsPerOwner,
    whenOwnerIsFull,
    intercept,
    serializer,
    takeOver,
    ...(encryption !== undefined && {
      sealing: new Sealing(readSealingKeys(encryption), adapter === 'cookie' ? 'cookie' : 'record'),
    }),
  };
}

/** A lifetime above the default of the other is in milliseconds, or needs both to be set. */
function checkLifetimes(
  lifetime: number,
  absoluteLifetime: SessionModuleOptions['absoluteLifetime'],
): void {
  check(isWhole(lifetime), 'lifetime', 'a whole number of seconds, 1 or more');
  if (absoluteLifetime === undefined) {
    check(
      lifetime <= ABSOLUTE_LIFETIME,
      'lifetime',
      `at most ${ABSOLUTE_LIFETIME} (30 days) where absoluteLifetime is not set: set that to ${lifetime} or more, or to ` +
        'false. Both are in seconds, where express-session has milliseconds',
    );
    return;
  }
  check(
    absoluteLifetime === false || (isWhole(absoluteLifetime) && absoluteLifetime >= lifetime),
    'absoluteLifetime',
    `a whole number of seconds not below lifetime (${lifetime}), or false`,
  );
}

function checkMethods(
  value: object | undefined,
  option: string,
  methods: readonly string[],
  areAllNeeded: boolean,
): void {
  if (value === undefined) return;
  const types = methods.map((name) => typeof (value as Record<string, unknown> | null)?.[name]);
  const areRight = types.every(
    (type) => type === 'function' || (!areAllNeeded && type === 'undefined'),
  );
  const names = `${methods.join(areAllNeeded ? '() and ' : '(), ')}()`;
  check(
    areRight && types.includes('function'),
    option,
    `an object with ${areAllNeeded ? '' : 'one or more of '}${names}`,
  );
}

function check(holds: boolean, option: string, expected: string): void {
  if (holds) return;
  throw new InvalidSessionOptionsException(`The session option "${option}" must be ${expected}.`);
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
