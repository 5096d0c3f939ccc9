import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Controller, Get } from '@nestjs/common';
import { SessionModule, SessionService } from 'nestjs-session-bag';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { bodyOf, headersOf, RawExchange, rawRequest, statusOf } from '../support/raw-exchange.js';

@Controller()
class CookiesController {
  constructor(private readonly session: SessionService) {}

  @Get('read')
  read(): unknown {
    return { value: this.session.get('value', 'none') };
  }

  @Get('write')
  write(): void {
    this.session.set('value', 'kept');
  }

  @Get('update')
  async update(): Promise<void> {
    await this.session.update('value', () => 'kept');
  }

  @Get('regenerate')
  async regenerate(): Promise<void> {
    await this.session.regenerateId();
  }

  @Get('destroy')
  async destroy(): Promise<void> {
    await this.session.destroy();
  }
}

const bytes80toFF = Buffer.from(Array.from({ length: 128 }, (_, n) => n + 128)).toString('latin1');
const longest = 'A'.repeat(8192);

/**
 * Cookie headers, each an array of lines, with the session's id in place of ID and another well-formed
 * one in place of OTHER; and what they open.
 */
const headers: [opens: 'session' | 'nothing' | 'ambiguity', lines: string[]][] = [
  ['session', ['sid=ID']],
  ['session', ['sid="ID"']],
  ['session', ['a=b; sid=ID; c=d']],
  ['session', ['a=b;sid=ID;c=d']],
  ['session', [';; sid=ID ;']],
  ['session', ['  sid  =  ID  ']],
  ['session', ['\tsid\t=\tID\t']],
  ['session', ['flag; sid=ID']],
  ['session', ['=x; sid=ID']],
  ['session', ['sid=ID; sid=ID']],
  ['session', ['sid=ID; sid="ID"']],
  ['session', ['sid=ID', 'a=b']],
  ['session', ['sid=ID', 'sid=ID']],
  ['session', ['$Version=1; sid=ID; $Path=/; $Domain=localhost']],
  ['session', ['__proto__=x; constructor=y; toString=z; sid=ID']],
  ['session', [`bytes=${bytes80toFF}; sid=ID`]],
  ['session', [`${bytes80toFF}=x; sid=ID`]],
  ['session', [`long=${longest}; sid=ID`]],
  ['session', ['a="b; sid=ID']],
  ['nothing', ['']],
  ['nothing', [';']],
  ['nothing', ['sid']],
  ['nothing', ['sid=']],
  ['nothing', ['sid=""']],
  ['nothing', ['sid="']],
  ['nothing', ['SID=ID']],
  ['nothing', ['xsid=ID']],
  ['nothing', ['sid2=ID']],
  ['nothing', ['__Host-sid=ID']],
  ['nothing', ['__Secure-sid=ID']],
  ['nothing', ['\xa0sid=ID']],
  ['nothing', ['sid=ID\xa0']],
  ['nothing', ['"sid"=ID']],
  ['nothing', ['sid=ID=']],
  ['nothing', ['sid=ID more']],
  ['nothing', ['sid=IDA']],
  ['nothing', ['sid=ID, a=b']],
  ['nothing', ['sid="ID']],
  ['nothing', ["sid='ID'"]],
  ['nothing', ['sid=%22ID%22']],
  ['nothing', ['sid=s%3AID.signature']],
  ['nothing', ['sid=j:{"id":"ID"}']],
  ['nothing', ['sid=__proto__']],
  ['nothing', ['sid=constructor']],
  ['nothing', [`sid=${'A'.repeat(42)}`]],
  ['nothing', [`sid=${'A'.repeat(42)}+`]],
  ['nothing', [`sid=${longest}`]],
  ['nothing', [`sid=${bytes80toFF}`]],
  ['ambiguity', ['sid=ID; sid=OTHER']],
  ['ambiguity', ['sid=OTHER; sid=ID']],
  ['ambiguity', ['sid=OTHER; a=b; sid="ID"']],
  ['ambiguity', ['sid=ID', 'sid=OTHER']],
  ['ambiguity', ['sid=ID; sid=']],
  ['ambiguity', ['sid=; sid=ID']],
  ['ambiguity', ['sid=ID; sid=malformed']],
  ['ambiguity', ['sid=ID; sid=ID; sid=OTHER']],
];

describe.each(platforms)('the Cookie header on %s', (platform) => {
  const store = new CountingAdapter();
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    client = new Client(running.url);
    await client.get('/write');
    store.reset();
  });

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [CookiesController],
    });
  });

  afterAll(() => running.close());

  function ask(path: string, lines: readonly string[]): Promise<string> {
    const id = client.cookies.get('sid') ?? '';
    const sent = lines.map((line) => line.replaceAll('ID', id).replaceAll('OTHER', freshId()));
    return rawRequest(
      running.port,
      `GET ${path}`,
      sent.map((line) => `Cookie: ${line}`),
    );
  }

  it.each(headers.map(([opens, lines]) => [opens, abridged(lines), lines] as const))(
    'R19 opens %s: %s',
    async (opens, _, lines) => {
      const answer = await ask('/read', lines);
      expect(statusOf(answer)).toBe(200);
      expect(JSON.parse(bodyOf(answer))).toEqual({ value: opens === 'session' ? 'kept' : 'none' });
      expect(headersOf(answer, 'Set-Cookie')).toEqual([]);
      expect(store.count()).toBe(opens === 'session' ? 1 : 0);
    },
  );

  it.each([['/write'], ['/update']])(
    'R19 two different cookies start nothing, and are logged once (%s)',
    async (path) => {
      const ambiguous = headers.filter(([opens]) => opens === 'ambiguity');
      const logs = captureLogs();
      for (const [, lines] of ambiguous) {
        const answer = await ask(path, lines);
        expect(statusOf(answer)).toBe(409);
        expect(headersOf(answer, 'Set-Cookie')).toEqual([]);
      }
      expect(store.count()).toBe(0);
      expect(ownLogs(logs).length).toBeLessThanOrEqual(1);
      const said = logs.map(({ text }) => text).join('\n');
      expect(said).toContain('"sid"');
      expect(said).not.toContain(client.cookies.get('sid'));
    },
  );

  it('R19 two different cookies: nothing is destroyed or cleared either', async () => {
    captureLogs();
    const answer = await ask('/destroy', ['sid=ID; sid=OTHER']);
    expect(statusOf(answer)).toBe(200);
    expect(headersOf(answer, 'Set-Cookie')).toEqual([]);
    expect(store.count()).toBe(0);
  });

  it.each([
    ['well made', freshId()],
    ['made up', 'a'.repeat(43)],
  ])('R19 an unknown id opens nothing; the first write gets another (%s)', async (_, id) => {
    const stranger = new Client(running.url, [['sid', id]]);
    const answer = await stranger.get('/write');
    expect(answer.setCookies).toHaveLength(1);
    expect(stranger.cookies.get('sid')).toMatch(/^[\w-]{43}$/);
    expect(stranger.cookies.get('sid')).not.toBe(id);
    expect(store.calls.map(({ method }) => method)).toEqual(['read', 'create']);
  });

  it('R19 an id in the URL or in another header opens nothing', async () => {
    const id = client.cookies.get('sid') ?? '';
    const stranger = new Client(running.url);
    const others = { authorization: `Bearer ${id}`, 'x-session-id': id, sid: id };
    const answer = await stranger.send('GET', `/read?sid=${id}&id=${id}`, { headers: others });
    expect(answer.json()).toEqual({ value: 'none' });
    expect(store.calls).toEqual([]);
    expect((await client.get('/read')).json()).toEqual({ value: 'kept' });
  });

  it('R19 a malformed id causes no store call; the first write gets one', async () => {
    const stranger = new Client(running.url, [['sid', 'malformed']]);
    const answer = await stranger.get('/write');
    expect(answer.setCookies).toHaveLength(1);
    expect(store.calls.map(({ method }) => method)).toEqual(['create']);
  });

  it('R19 R4 a thousand requests with unknown ids leave the store empty', async () => {
    const exchange = await RawExchange.open(running.port);
    for (let n = 1; n < 1000; n++) {
      exchange.send(`GET /read HTTP/1.1\r\nHost: x\r\nCookie: sid=${freshId()}\r\n\r\n`);
    }
    exchange.request('GET /read', [`Cookie: sid=${freshId()}`]);
    const answers = await exchange.toEnd();
    expect(answers.match(/HTTP\/1\.1 200 /g)).toHaveLength(1000);
    expect(answers).not.toMatch(/^set-cookie/im);
    expect(store.count('read')).toBe(1000);
    expect(store.count()).toBe(1000);
  });

  it('R19 a collision on create takes another id', async () => {
    store.planNext('create', () => Promise.resolve(false as never));
    const newcomer = new Client(running.url);
    expect((await newcomer.get('/write')).status).toBe(200);
    const [taken, own] = store.calls.filter(({ method }) => method === 'create');
    expect(own?.key).not.toBe(taken?.key);
    expect((await newcomer.get('/read')).json()).toEqual({ value: 'kept' });
  });

  it('R19 R20 a collision on regenerate takes another id', async () => {
    store.planNext('create', () => Promise.resolve(false as never));
    const before = client.cookies.get('sid');
    expect((await client.get('/regenerate')).status).toBe(200);
    const [taken, own] = store.calls.filter(({ method }) => method === 'create');
    expect(own?.key).not.toBe(taken?.key);
    expect(client.cookies.get('sid')).not.toBe(before);
    expect((await client.get('/read')).json()).toEqual({ value: 'kept' });
  });
});

function freshId(): string {
  return randomBytes(32).toString('base64url');
}

/** A title in printable characters. */
function abridged(lines: readonly string[]): string {
  const text = lines.map((line) => JSON.stringify(line)).join(' and ');
  return text.replaceAll(/[\x80-\xff]{2,}/g, '<80-FF>').replaceAll(/A{50,}/g, '<8 kB>');
}
