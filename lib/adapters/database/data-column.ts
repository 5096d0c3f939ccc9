import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';

/** PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair. */
const NEEDS_QUOTING = /^"|[\0\p{Surrogate}]/u;

/** Text as it is, or as a JSON string where a database could not keep it. */
export function toColumn(data: string): string {
  return NEEDS_QUOTING.test(data) ? JSON.stringify(data) : data;
}

/**
 * The reverse of `toColumn`; what another program has put there comes back unchanged.
 *
 * @throws InvalidSessionOptionsException for a column of another type, as JSON, that keeps no text as it is
 */
export function fromColumn(text: unknown): string {
  if (typeof text !== 'string') throw notText();
  if (!text.startsWith('"')) return text;
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'string' ? data : text;
  } catch {
    return text;
  }
}

function notText(): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    'The column `data` of the sessions is not of a text type. Make it one, or make the table by ' +
      'createSessionTable().',
  );
}
