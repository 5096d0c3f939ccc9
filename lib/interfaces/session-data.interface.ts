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
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type
export interface SessionData {}
