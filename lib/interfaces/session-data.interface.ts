/**
 * The names and types of an application's variables, for it to fill by declaration merging:
 *
 * ```ts
 * declare module 'nestjs-session-bag' {
 *   interface SessionData { visits: number }
 * }
 * ```
 *
 * @publicApi
 */
export interface SessionData {}
