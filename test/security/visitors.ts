import { expect, jest } from '@jest/globals';
import { createId } from '../../lib/record/ids.js';
import { type Answer, Client } from '../support/client.js';
import { CANARIES, deeds } from './failing-app.js';

/** What came of an attempt to get into sessions with a dump of the store. */
export interface TriedDump {
  readonly dump: string;
  /** All that were ever issued. */
  readonly ids: readonly string[];
  /** How many texts in the dump have the form of an id. */
  readonly candidates: number;
  /** Those that led into a session. */
  readonly opening: readonly string[];
  /** Whether the cookie of the browser itself does. */
  readonly doesIdOpen: boolean;
}

/** Browsers that do all there is to do; what they were answered and must not be told is kept. */
export class Visitors {
  /** Bodies and headers, but for the cookie itself. */
  readonly answers: string[] = [];
  readonly ids: string[] = [];
  readonly #client: Client;
  readonly #url: string;

  constructor({ url }: { readonly url: string }) {
    this.#url = url;
    this.#client = new Client(url);
  }

  get secrets(): string[] {
    return [...Object.values(CANARIES), ...this.ids];
  }

  /** Every deed, in an order in which the later ones find something. */
  async act(): Promise<void> {
    await this.do('write', 'login', ...deeds);
    await this.send('/devices');
    const other = new Client(this.#url, [['sid', createId()]]);
    for (const deed of ['write', 'login', 'refused value']) {
      this.#keep(await other.post(`/do/${deed}`));
    }
    this.ids.push(...other.cookies.values());
  }

  async do(...names: readonly string[]): Promise<void> {
    for (const name of names) this.#keep(await this.#client.post(`/do/${name}`));
  }

  /** Whatever stores a record, one that was renewed included. */
  async useEveryWrite(): Promise<void> {
    await this.do('write', 'login', 'remember', 'regenerate');
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now + 2000);
    await this.do('write');
  }

  /** Looks for the ids in what a store holds, and brings all in it that looks like one as a cookie. */
  async tryDump(dump: string): Promise<TriedDump> {
    const candidates = new Set(dump.match(/(?<![\w-])[\w-]{43}(?![\w-])/g));
    const opening: string[] = [];
    for (const candidate of candidates) if (await this.#opens(candidate)) opening.push(candidate);
    const id = this.#client.cookies.get('sid') ?? '';
    return {
      dump,
      ids: [...new Set(this.ids)],
      candidates: candidates.size,
      opening,
      doesIdOpen: await this.#opens(id),
    };
  }

  async send(path: string): Promise<void> {
    this.#keep(await this.#client.get(path));
  }

  async bringTwoCookies(): Promise<void> {
    const [first, second] = [createId(), createId()];
    const headers = { cookie: `sid=${first}; sid=${second}`, 'x-forwarded-proto': 'https' };
    this.#keep(await this.#client.send('POST', '/do/write', { headers }));
    this.ids.push(first, second);
  }

  async #opens(id: string): Promise<boolean> {
    const isNew = (await new Client(this.#url, [['sid', id]]).get('/is-new')).json();
    expect([true, false]).toContain(isNew);
    return isNew === false;
  }

  #keep({ text, headers, setCookies }: Answer): void {
    const others = [...headers].filter(([name]) => name !== 'set-cookie');
    this.answers.push(text, JSON.stringify(others));
    for (const line of setCookies) this.ids.push(...(line.match(/[\w-]{43}/) ?? []));
  }
}

/** Nothing in the dump works as a cookie, while the cookie itself does. */
export function expectNothingOpens({ dump, ids, ...tried }: TriedDump): void {
  expect(dump).toContain(CANARIES.value);
  expect(ids.length).toBeGreaterThan(3);
  expect(ids.flatMap(formsOf).filter((form) => dump.includes(form))).toEqual([]);
  expect(tried.candidates).toBeGreaterThan(0);
  expect(tried).toMatchObject({ opening: [], doesIdOpen: true });
}

/** An id as a dump may write it: the text, and the bytes that it stands for. */
function formsOf(id: string): string[] {
  const bytes = Buffer.from(id, 'base64url');
  const hex = [Buffer.from(id), bytes].map((each) => each.toString('hex'));
  return [id, ...hex, ...hex.map((each) => each.toUpperCase()), bytes.toString('base64')];
}
