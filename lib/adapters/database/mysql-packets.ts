import type { Knex } from 'knex';
import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import type { Execute } from './call.js';

/** What mysql2 puts a backslash before; Ctrl-Z, which JSON has as six characters, is left out. */
const ESCAPED = /[\0\b\t\n\r"'\\]/g;
/** What a statement has beside its data, at the most. */
const REST = 2048;

/**
 * Bytes that a packet may have. A larger one is not always refused: the server may close the
 * connection while it is still being sent, which looks like an outage.
 *
 * mysql2 writes the values into the statement, with backslashes. A server to which these mean nothing
 * would store other data than it was given, and take what follows a quotation mark for SQL.
 *
 * @throws InvalidSessionOptionsException for such a server
 */
export async function largestPacket(knex: Knex, execute: Execute): Promise<number> {
  const rows: { readonly mode: unknown; readonly packet: unknown }[] = await execute(
    knex.select(
      knex.raw('@@session.sql_mode as mode'),
      knex.raw('@@session.max_allowed_packet as packet'),
    ),
  );
  const { mode, packet } = rows[0] ?? {};
  if (!String(mode).split(',').includes('NO_BACKSLASH_ESCAPES')) return Number(packet);
  throw new InvalidSessionOptionsException(
    'The database runs with NO_BACKSLASH_ESCAPES, under which mysql2 cannot quote values safely. Take ' +
      'it out of the sql_mode of the server, or of the connections of your knex.',
  );
}

/** Whether a statement with this data has at most `largest` bytes. */
export function fitsInto(largest: number, data: string): boolean {
  const bytes = Buffer.byteLength(data) + REST;
  if (2 * bytes <= largest) return true;
  return bytes + (data.match(ESCAPED)?.length ?? 0) <= largest;
}
