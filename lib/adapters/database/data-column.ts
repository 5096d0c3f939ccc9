/** PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair. */
const NEEDS_QUOTING = /^"|[\0\p{Surrogate}]/u;

/** Text as it is, or as a JSON string where a database could not keep it. */
export function toColumn(data: string): string {
  return NEEDS_QUOTING.test(data) ? JSON.stringify(data) : data;
}

/** The reverse of `toColumn`; what another program has put there comes back unchanged. */
export function fromColumn(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'string' ? data : text;
  } catch {
    return text;
  }
}
