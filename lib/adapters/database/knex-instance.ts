/**
 * What `knex({ client, connection })` returns. Told here by what is used of it, and not by the types
 * of knex, so that applications without knex can do without them.
 *
 * @publicApi
 */
export interface KnexInstance {
  (table: string): unknown;
  readonly client: unknown;
  raw(sql: string, bindings: string[]): unknown;
}
