import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import type { TableAccess } from './dialect.js';
import { refuseUnfitTable } from './mysql-columns.js';

/** With one of the modes, what a column does not take is refused. */
const STRICT = /\bSTRICT_(ALL|TRANS)_TABLES\b/;

/** What a connection says of itself; drivers give numbers and texts in several ways. */
interface Settings {
  readonly mode: unknown;
  readonly packet: unknown;
  readonly commits: unknown;
  readonly charsets: unknown;
}

/**
 * Gives the bytes that a packet may have. A larger one is not always refused: the server may close the
 * connection while it is still being sent, which looks like an outage.
 *
 * @throws InvalidSessionOptionsException for a connection, or a table, that keeps other than it is given,
 *   or nothing
 */
export async function examineConnection(access: TableAccess): Promise<number> {
  const { knex, execute } = access;
  const [settings]: (Settings | undefined)[] = await execute(
    knex.select(
      knex.raw('@@session.sql_mode as mode'),
      knex.raw('@@session.max_allowed_packet as packet'),
      knex.raw('@@session.autocommit as commits'),
      knex.raw(
        "concat_ws(',', @@session.character_set_client, @@session.character_set_connection, " +
          '@@session.character_set_results) as charsets',
      ),
    ),
  );
  if (settings) refuseUnsafe(settings);
  await refuseUnfitTable(access, STRICT.test(String(settings?.mode)));
  return Number(settings?.packet);
}

function refuseUnsafe({ mode, commits, charsets }: Settings): void {
  // mysql2 writes the values into the statement, with backslashes. A server to which these mean nothing
  // would store other data than it was given, and take what follows a quotation mark for SQL.
  if (String(mode).split(',').includes('NO_BACKSLASH_ESCAPES')) {
    throw new InvalidSessionOptionsException(
      'The database runs with NO_BACKSLASH_ESCAPES, under which mysql2 cannot quote values safely. Take ' +
        'it out of the sql_mode of the server, or of the connections of your knex.',
    );
  }
  // Where one of the three has no character for it, it becomes another one, or a question mark.
  if (!areOneUnicode(String(charsets).split(','))) {
    throw new InvalidSessionOptionsException(
      'The connection to the database has another character set than utf8mb4, in which texts would come ' +
        'back as others. Take `charset` out of `connection`, or what sets it out of your knex.',
    );
  }
  if (Number(commits) === 0) {
    throw new InvalidSessionOptionsException(
      'The connection to the database has autocommit switched off, so that nothing would be stored. ' +
        'Switch it on, for the server or for the connections of your knex.',
    );
  }
}

/** From utf8mb4 to utf8mb3 characters are lost as well; without a change on the way none is. */
function areOneUnicode([first = '', ...others]: readonly string[]): boolean {
  return first.startsWith('utf8') && others.every((charset) => charset === first);
}
