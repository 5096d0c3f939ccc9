/**
 * The token of the store adapter: inject it, or override it in tests.
 *
 * @publicApi
 */
export const SESSION_ADAPTER = Symbol('SESSION_ADAPTER');

/** The token of the checked options. */
export const SESSION_SETTINGS = Symbol('SESSION_SETTINGS');
