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

/** The names of `SessionData` under which there is an object, so that a bag can be of its type. */
export type NamedBag = {
  [K in keyof SessionData]-?: NonNullable<SessionData[K]> extends object ? K : never;
}[keyof SessionData];
