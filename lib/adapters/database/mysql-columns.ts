import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import type { TableAccess } from './dialect.js';
import { isTableMissing } from './errors.js';

/** What `show full columns` says of one. */
type Description = Readonly<Record<string, unknown>>;

/** The types in which whatever the adapter writes has its place. */
const WIDE_ENOUGH: Readonly<Record<string, RegExp>> = {
  key: /^var(binary|char)\((25[5-9]|2[6-9]\d|[3-9]\d\d|\d{4,})\)/,
  data: /^longtext utf8mb4/,
  version: /^bigint/,
  expires_at: /^bigint/,
};

/**
 * A server that is not strict cuts off what a column does not take, or changes it, and says that it is
 * stored: of a version that is too large nothing but the largest number is left.
 *
 * @throws InvalidSessionOptionsException for a table of which a column may take less than it is given
 */
export async function refuseNarrowColumns({ knex, table, execute }: TableAccess): Promise<void> {
  const describe = knex.raw<[Description[]]>('show full columns from ??', [table]);
  const [columns] = await execute(describe).catch((error: unknown): [Description[]] => {
    // It is yet to be made, with columns that are wide enough.
    if (isTableMissing(error)) return [[]];
    throw error;
  });
  // An application's knex may give the names otherwise, and an object for the list.
  for (const column of Object.values(columns)) {
    const { field, type, collation } = lowerCased(column);
    const pattern = WIDE_ENOUGH[String(field)];
    if (pattern && !pattern.test(`${String(type)} ${String(collation)}`)) {
      throw tooNarrow(String(field));
    }
  }
}

function lowerCased(column: Description): Description {
  return Object.fromEntries(
    Object.entries(column).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function tooNarrow(column: string): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `The database is not in strict mode, and the column \`${column}\` of the sessions is not as ` +
      'createSessionTable() makes it: what it does not take would be cut off or changed without a word. ' +
      'Change the column, or put STRICT_TRANS_TABLES into the sql_mode.',
  );
}
