import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionModule, type StoredRecord } from 'nestjs-session-bag';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { type Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import {
  actions,
  ActionsController,
  everything,
  runAs,
  type SessionAction,
} from '../support/session-actions.js';

const SECRET = 'naïve 😀';
describe.each(platforms)('a record that is not as it was written on %s', (platform) => {
  let store: CountingAdapter;
  let running: RunningApp;
  let client: Client;
  let key: string;
  let record: string;

  beforeAll(async () => {
    store = new CountingAdapter();
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [ActionsController],
    });
  });

  afterAll(() => running.close());

  beforeEach(async () => {
    actions.clear();
    actions.set('read', everything);
    client = new Client(running.url);
    store.reset();
    await run((session) => session.set('secret', SECRET).set('types', new Map([[1, new Date(0)]])));
    key = store.calls.at(-1)?.key ?? '';
    record = (await store.peek(key))?.data ?? '';
  });

  function run(action: SessionAction, by = client): Promise<Answer> {
    return runAs(by, action);
  }

  /** Puts something else in the record's place. */
  async function put(data: string, at = key): Promise<void> {
    await store.destroy(at);
    await store.create(at, data, 86_400);
  }

  async function dataAt(at: string): Promise<string | undefined> {
    const stored: StoredRecord | undefined = await store.peek(at);
    return stored?.data;
  }

  /** What a visitor with the record's id sees in place of the session. */
  async function opened(): Promise<unknown> {
    const answer = await client.get('/do/read');
    expect(answer.setCookies).toEqual([]);
    return answer.status === 200 ? answer.json() : answer.status;
  }

  it('R24 is refused whichever byte was changed, and left where it is', async () => {
    captureLogs();
    const bytes = Buffer.from(record);
    for (let index = 0; index < bytes.length; index++) {
      const damaged = Buffer.from(bytes);
      damaged[index] = (damaged[index] ?? 0) ^ (1 << (index % 7));
      await put(damaged.toString());
      expect({ index, opens: await opened() }).toEqual({ index, opens: {} });
      expect(await dataAt(key)).toBe(damaged.toString());
    }
    await put(record);
    expect(await opened()).toMatchObject({ secret: SECRET });
  });

  it('R24 is refused wherever it was cut off', async () => {
    captureLogs();
    for (let length = 0; length < record.length; length += 7) {
      await put(record.slice(0, length));
      expect({ length, opens: await opened() }).toEqual({ length, opens: {} });
    }
  });

  it.each<[string, (data: string) => string]>([
    ['with something behind it', (data) => `${data}}`],
    ['with a blank behind it', (data) => `${data} `],
    ['with something before it', (data) => ` ${data}`],
    ['twice', (data) => data + data],
    ['of another format', (data) => data.replace('"format":1', '"format":2')],
    ['of no format', (data) => data.replace('"format":1,', '')],
    ['formatted anew', (data) => JSON.stringify(JSON.parse(data), undefined, 1)],
    ['of express-session', () => '{"cookie":{"originalMaxAge":null},"user":1}'],
    ['of PHP', () => 'user|s:6:"Kimbra";'],
    ['of JSON that is no object', () => 'null'],
    ['of nothing', () => ''],
    ['of zeros', (data) => '\0'.repeat(data.length)],
  ])('R24 is refused %s', async (_, change) => {
    captureLogs();
    const data = change(record);
    await put(data);
    expect(await opened()).toEqual({});
    expect(await dataAt(key)).toBe(data);
  });

  it('R24 is refused under another key', async () => {
    captureLogs();
    const victim = new Client(running.url);
    await run((session) => session.set('secret', 'mine'), victim);
    const victimKey = store.calls.at(-1)?.key ?? '';
    await put(record, victimKey);
    expect((await run(everything, victim)).json()).toEqual({});
    expect(await dataAt(victimKey)).toBe(record);
  });

  it('R24 R19 counts as no session: the first write gets a new id, and leaves it', async () => {
    captureLogs();
    await put('damaged');
    const id = client.cookies.get('sid');
    const answer = await run((session) => session.set('new', true));
    expect(answer.setCookies).toHaveLength(1);
    expect(client.cookies.get('sid')).not.toBe(id);
    expect(await opened()).toEqual({ new: true });
    expect(await dataAt(key)).toBe('damaged');
  });

  it('R24 R12 is not written over by a request that has read it whole', async () => {
    captureLogs();
    const answer = await run(async (session) => {
      await put('damaged');
      session.set('new', true);
    });
    expect(answer.status).toBe(409);
    expect(answer.setCookies).toEqual([]);
    expect(await dataAt(key)).toBe('damaged');
  });

  it('R24 is logged at most once a minute, without content', async () => {
    const logs = captureLogs();
    const clock = jest.spyOn(Date, 'now');
    const minute = 60_000;
    const start = Date.now() + 10 * minute;
    await put(record.replace('}', ']'));
    for (const [passed, lines] of [
      [0, 1],
      [minute / 2, 1],
      [minute - 1, 1],
      [minute, 2],
      [minute + 1, 2],
    ] as const) {
      clock.mockReturnValue(start + passed);
      await opened();
      expect(ownLogs(logs)).toHaveLength(lines);
    }
    const said = logs.map(({ text }) => text).join();
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain(key);
    expect(said).not.toContain(client.cookies.get('sid'));
  });
});
