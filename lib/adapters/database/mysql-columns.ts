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

/** What stands beside a column of which no two rows have the same value. */
const UNIQUE = /^(PRI|UNI)$/;

/**
 * Without a primary key two creates of one key are both accepted. And a server that is not strict cuts
 * off what a column does not take, or changes it, and says that it is stored: of a version that is too
 * large nothing but the largest number is left.
 *
 * @throws InvalidSessionOptionsException for a table, made by others, to which that can happen
 */
export async function refuseUnfitTable(
  { knex, table, execute }: TableAccess,
  isStrict: boolean,
): Promise<void> {
  const describe = knex.raw<[Description[]]>('show full columns from ??', [table]);
  const [columns] = await execute(describe).catch((error: unknown): [Description[]] => {
    // It is yet to be made, with columns that are wide enough.
    if (isTableMissing(error)) return [[]];
    throw error;
  });
  // An application's knex may give the names otherwise, and an object for the list.
  for (const column of Object.values(columns)) {
    const { field, type, collation, key } = lowerCased(column);
    const name = String(field);
    if (name === 'key' && !UNIQUE.test(String(key))) throw notUnique();
    const isWide = WIDE_ENOUGH[name]?.test(`${String(type)} ${String(collation)}`) ?? true;
    if (!isStrict && !isWide) throw tooNarrow(name);
  }
}

function lowerCased(column: Description): Description {
  return Object.fromEntries(
    Object.entries(column).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function notUnique(): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    'The column `key` of the sessions is no primary key, so that two sessions could have the same one. ' +
      'Make it one, or make the table by createSessionTable().',
  );
}

function tooNarrow(column: string): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `The database is not in strict mode, and the column \`${column}\` of the sessions is not as ` +
      'createSessionTable() makes it: what it does not take would be cut off or changed without a word. ' +
      'Change the column, or put STRICT_TRANS_TABLES into the sql_mode.',
  );
}
