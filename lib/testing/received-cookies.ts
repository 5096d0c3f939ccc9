/**
 * A response of supertest, `app.inject()`, fetch, or any other client that has `headers`.
 *
 * @publicApi
 */
export interface ReceivedResponse {
  readonly headers: object;
}

/**
 * Where a session's cookie is looked for: a response, the values of its Set-Cookie headers, or the
 * Cookie header of a request.
 *
 * @publicApi
 */
export type SessionSource = ReceivedResponse | readonly string[] | string;

/** Cookies, each list as a Cookie header would have it. */
export interface ReceivedCookies {
  /** Those that a response sets. */
  readonly set: string;
  /** Those that its request had; undefined where that is not known. */
  readonly sent: string | undefined;
}

export function receivedCookies(source: SessionSource): ReceivedCookies {
  if (typeof source === 'string') return { set: '', sent: source };
  if (isList(source)) return { set: pairsOf(source), sent: '' };
  return { set: pairsOf(setCookiesOf(source.headers)), sent: sentCookies(source) };
}

/** Headers of fetch, of whichever realm or package, or an object of names in lower case. */
function setCookiesOf(headers: Partial<Headers> & { 'set-cookie'?: unknown }): readonly string[] {
  if (typeof headers.getSetCookie === 'function') return headers.getSetCookie();
  return [headers['set-cookie'] ?? []].flat().map(String);
}

/**
 * A Set-Cookie header begins with the pair that a Cookie header repeats; of several with one name the
 * last one counts.
 */
function pairsOf(setCookies: readonly string[]): string {
  const pairs = setCookies.map((line) => line.split(';', 1)[0] ?? '');
  return [...new Map(pairs.map((pair) => [pair.split('=', 1)[0], pair])).values()].join('; ');
}

/** What clients tell of the request: supertest has what it sent, `app.inject()` what arrived. */
interface RequestTelling {
  readonly req?: { getHeader?(name: string): string | number | string[] | undefined };
  readonly raw?: { readonly req?: { readonly headers: { readonly cookie?: string } } };
}

function sentCookies(response: ReceivedResponse & RequestTelling): string | undefined {
  if (response.req?.getHeader) return [response.req.getHeader('cookie') ?? []].flat().join('; ');
  const injected = response.raw?.req;
  return injected && (injected.headers.cookie ?? '');
}

function isList(source: ReceivedResponse | readonly string[]): source is readonly string[] {
  return Array.isArray(source);
}
