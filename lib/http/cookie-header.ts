const NOTHING: readonly string[] = [];

/**
 * The distinct values that the raw Cookie header holds for one name, unquoted, in the order sent.
 *
 * The platforms' own parsers differ on quotes, on `__proto__` and on duplicates; this one keeps every
 * value. Only space and tab count as blanks: a name with another blank before it, such as byte A0, is
 * another name, and must not pass for a `__Host-` cookie.
 */
export function readCookie(header: string | undefined, name: string): readonly string[] {
  if (header === undefined || !header.includes(name)) return NOTHING;
  const values: string[] = [];
  let equals = header.indexOf('=');
  for (let start = 0; equals !== -1;) {
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    if (equals < end && trimBlanks(header, start, equals) === name) {
      values.push(unquote(trimBlanks(header, equals + 1, end)));
    }
    start = end + 1;
    if (equals < start) equals = header.indexOf('=', start);
  }
  return values.length > 1 ? [...new Set(values)] : values;
}

function unquote(value: string): string {
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  return isQuoted ? value.slice(1, -1) : value;
}

/** In linear time, unlike a regular expression that looks for blanks before the end. */
function trimBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
