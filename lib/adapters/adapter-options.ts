import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import type { SessionCommonOptions } from '../interfaces/session-common-options.interface.js';
import type { SessionEncryptionOptions } from '../interfaces/session-encryption-options.interface.js';
import type { CookieAdapterOptions } from './cookie.adapter.js';
import type { DatabaseAdapterOptions } from './database.adapter.js';
import type { FileAdapterOptions } from './file.adapter.js';
import type { MemcachedAdapterOptions } from './memcached.adapter.js';
import type { MemoryAdapterOptions } from './memory.adapter.js';
import type { RedisAdapterOptions } from './redis.adapter.js';
import { adapterHint, hintFor } from './option-hints.js';
import type { SessionAdapter } from './session-adapter.js';

type Own<Options> = Omit<Options, 'storeTimeout'>;

/** Which adapter, and the options that it has. */
export type AdapterChoice = WithoutForeign<Choices>;

type Choices =
  | ({ readonly adapter?: 'memory' | undefined } & Own<MemoryAdapterOptions>)
  | ({ readonly adapter: 'file' | 'files' | 'stream' } & Own<FileAdapterOptions>)
  | ({
      readonly adapter: 'memcached' | 'memcache' | 'libmemcached';
    } & Own<MemcachedAdapterOptions>)
  | ({ readonly adapter: 'redis' } & Own<RedisAdapterOptions>)
  | ({ readonly adapter: 'database' } & Own<DatabaseAdapterOptions>)
  | ({
      readonly adapter: 'cookie';
      readonly encryption: SessionEncryptionOptions;
    } & CookieAdapterOptions)
  | { readonly adapter: 'noop' }
  /** One of the application's own: any object with the four methods. */
  | { readonly adapter: SessionAdapter };

/** The built-in adapters, each with the names of its own options. */
export const ADAPTER_OPTIONS = {
  memory: ['maxSessions'],
  file: ['path'],
  memcached: ['host', 'port', 'servers', 'username', 'password', 'persistent'],
  redis: ['host', 'port', 'url', 'username', 'password', 'db', 'tls', 'client'],
  database: ['client', 'connection', 'knex', 'table', 'createTable'],
  cookie: ['revocations'],
  noop: [],
} as const satisfies Record<string, readonly string[]>;

/** The options that all adapters have. */
const COMMON_OPTIONS: Record<keyof SessionCommonOptions, true> = {
  uniqueId: true,
  prefix: true,
  lifetime: true,
  absoluteLifetime: true,
  name: true,
  cookie: true,
  autoStart: true,
  intercept: true,
  serializer: true,
  storeTimeout: true,
  failFast: true,
  renewAfter: true,
  maxSessionsPerOwner: true,
  whenOwnerIsFull: true,
  encryption: true,
  takeOver: true,
};

/** A built-in adapter. */
export type AdapterName = keyof typeof ADAPTER_OPTIONS;

/** Refuses other adapters' options also where no object literal is checked: what a factory returns. */
type WithoutForeign<Choice> = Choice extends unknown
  ? Choice & { readonly [Name in Exclude<AdapterOption, keyof Choice>]?: undefined }
  : never;

type AdapterOption = (typeof ADAPTER_OPTIONS)[AdapterName][number];

const ALIASES: Readonly<Record<string, AdapterName>> = {
  memcache: 'memcached',
  libmemcached: 'memcached',
  files: 'file',
  stream: 'file',
};

const FOUR_METHODS = ['read', 'create', 'update', 'destroy'] as const;

/** @throws InvalidSessionOptionsException for what is no object, and a name that no option has */
export function refuseUnknownOptions(options: object): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidSessionOptionsException('The session options must be an object.');
  }
  const known: ReadonlySet<string> = new Set([
    'adapter',
    ...Object.keys(COMMON_OPTIONS),
    ...Object.values(ADAPTER_OPTIONS).flat(),
  ]);
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new InvalidSessionOptionsException(
    `There is no session option "${unknown}". ${hintFor(unknown, known)}`,
  );
}

/**
 * The built-in adapter that the options name, or the application's own.
 *
 * @throws InvalidSessionOptionsException for one that does not exist, or an option that is another
 * adapter's
 */
export function chosenAdapter(
  options: Readonly<Record<string, unknown>>,
): AdapterName | SessionAdapter {
  const { adapter = 'memory' } = options;
  if (typeof adapter === 'object' && adapter !== null) {
    assertFourMethods(adapter, 'adapter');
    refuseForeignOptions(options, "an adapter of the application's own", []);
    return adapter;
  }
  const name = typeof adapter === 'string' ? (ALIASES[adapter] ?? adapter) : '';
  if (!isAdapterName(name)) {
    refuseOtherThings(adapter, 'adapter');
    throw new InvalidSessionOptionsException(
      `The session option "adapter" must be one of ${Object.keys(ADAPTER_OPTIONS).join(', ')}, or ` +
        'an object with the methods read, create, update and destroy.',
    );
  }
  refuseForeignOptions(options, `the adapter "${name}"`, ADAPTER_OPTIONS[name]);
  if (options['revocations'] !== undefined)
    assertFourMethods(options['revocations'], 'revocations');
  return name;
}

function isAdapterName(name: string): name is AdapterName {
  return Object.hasOwn(ADAPTER_OPTIONS, name);
}

function assertFourMethods(adapter: unknown, option: string): asserts adapter is SessionAdapter {
  const missing = FOUR_METHODS.filter(
    (method) => typeof (adapter as Record<string, unknown> | null)?.[method] !== 'function',
  );
  if (missing.length > 0) {
    refuseOtherThings(adapter, option);
    throw new InvalidSessionOptionsException(
      `The session option "${option}" is an object without the method ${missing.join(', ')}. Extend ` +
        'SessionAdapter, which says what each of the four methods has to do.',
    );
  }
}

/** @throws InvalidSessionOptionsException for what can be made an adapter, and is none */
function refuseOtherThings(adapter: unknown, option: string): void {
  const hint = adapterHint(adapter);
  if (hint === undefined) return;
  throw new InvalidSessionOptionsException(`The session option "${option}" ${hint}`);
}

function refuseForeignOptions(
  options: Readonly<Record<string, unknown>>,
  adapter: string,
  own: readonly string[],
): void {
  for (const [owner, names] of Object.entries(ADAPTER_OPTIONS)) {
    const foreign = names.find((name) => options[name] !== undefined && !own.includes(name));
    if (foreign === undefined) continue;
    throw new InvalidSessionOptionsException(
      `The session option "${foreign}" belongs to the adapter "${owner}"; ${adapter} does not have it. ` +
        'Remove the option, or choose the adapter that has it.',
    );
  }
}
