import {
  type AdapterChoice,
  type AdapterName,
  chosenAdapter,
  refuseUnknownOptions,
} from './adapter-options.js';
import { assertStoreTimeout } from './store-timeout.js';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import type { SessionCommonOptions } from '../interfaces/session-common-options.interface.js';
import type { CookieAdapterOptions } from './cookie.adapter.js';
import type { SessionAdapter } from './session-adapter.js';

/** The module's options, of which those of the adapter and `storeTimeout` count here. */
type Options = SessionCommonOptions & AdapterChoice;

type Make = (options: never) => Promise<SessionAdapter>;

// Imported on choice: the client libraries of the others need not be installed.
const MAKERS: Record<AdapterName, Make> = {
  memory: async (options) => new (await import('./memory.adapter.js')).MemoryAdapter(options),
  file: async (options) => new (await import('./file.adapter.js')).FileAdapter(options),
  memcached: async (options) =>
    new (await import('./memcached.adapter.js')).MemcachedAdapter(options),
  redis: async (options) => new (await import('./redis.adapter.js')).RedisAdapter(options),
  database: async (options) => new (await import('./database.adapter.js')).DatabaseAdapter(options),
  cookie: async ({ revocations }: CookieAdapterOptions) =>
    revocations ?? new (await import('./cookie.adapter.js')).CookieAdapter(),
  noop: async () => new (await import('./noop.adapter.js')).NoopAdapter(),
};

/**
 * The adapter that the options choose, not opened yet; an object of the application's own is handed
 * back as it is. Of sessions in cookies it is the store that keeps their ends.
 *
 * @throws InvalidSessionOptionsException
 */
export async function makeSessionAdapter(options: Options): Promise<SessionAdapter> {
  const chosen = chosenAdapter({ ...options });
  return typeof chosen === 'string' ? MAKERS[chosen](options as never) : chosen;
}

/**
 * Builds the adapter that the options choose and opens it: what the module does at boot, without
 * Nest.
 *
 * @throws InvalidSessionOptionsException
 * @throws SessionStoreUnavailableException when the store cannot be reached
 * @publicApi
 */
export async function createSessionAdapter(options: Options = {}): Promise<SessionAdapter> {
  refuseUnknownOptions(options);
  assertStoreTimeout(options.storeTimeout);
  if (options.adapter === 'cookie') {
    throw new InvalidSessionOptionsException(
      "The adapter 'cookie' exists only inside SessionModule: without a request and its cookie there " +
        'is nothing to keep sessions in.',
    );
  }
  const adapter = await makeSessionAdapter(options);
  try {
    await adapter.open?.();
  } catch (error) {
    // Nobody else could: some adapters go on trying to connect until they are closed.
    if (adapter !== options.adapter) await adapter.close?.().catch(() => {});
    throw error;
  }
  return adapter;
}
