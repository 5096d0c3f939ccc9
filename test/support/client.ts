export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The Set-Cookie headers, whole. */
  readonly setCookies: readonly string[];
  readonly text: string;
  /** The body, parsed. */
  json(): unknown;
}

/** A browser as far as cookies go: keeps what it is given, sends what it has. */
export class Client {
  /** Values by name. */
  readonly cookies: Map<string, string>;
  readonly #url: string;

  /** @param url without a slash at its end */
  constructor(url: string, cookies: Iterable<[string, string]> = []) {
    this.#url = url;
    this.cookies = new Map(cookies);
  }

  /** Another tab, perhaps at another application, that begins with the same cookies. */
  tab(url = this.#url): Client {
    return new Client(url, this.cookies);
  }

  get(path: string, init: RequestInit = {}): Promise<Answer> {
    return this.send('GET', path, init);
  }

  /** @param body sent as JSON */
  post(path: string, body: unknown = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.send('POST', path, { headers, body: JSON.stringify(body) });
  }

  async send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    if (cookie !== '' && !headers.has('cookie')) headers.set('cookie', cookie);
    const response = await fetch(this.#url + path, {
      redirect: 'manual',
      ...init,
      method,
      headers,
    });
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) this.#keep(line);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      setCookies,
      text,
      json: () => JSON.parse(text) as unknown,
    };
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const name = pair.slice(0, pair.indexOf('='));
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(name.length + 1));
  }
}
