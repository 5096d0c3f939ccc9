import { createHash, randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import {
  InvalidSessionOptionsException,
  SessionModule,
  type SessionModuleOptions,
} from 'nestjs-session-bag';
import { SessionInspectorModule, type SessionInspectorOptions } from 'nestjs-session-bag/inspector';
import type { InspectorReport } from '../../lib/inspector/inspector-report.js';
import { ActionsController, runAs } from '../support/session-actions.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

const PAGE = '/session-inspector';
const SECRET = 'a value of the session';

@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: Record<string, string | undefined> }>();
    return headers['x-inspector'] === 'please';
  }
}

describe.each(platforms)('SessionInspectorModule on %s', (platform) => {
  const adapter = new CountingAdapter();
  let running: RunningApp;
  let client: Client;

  const start = (
    options?: SessionInspectorOptions,
    session: SessionModuleOptions = { adapter: 'memory' },
  ): Promise<RunningApp> =>
    startApp(platform, {
      imports: [SessionModule.forRoot(session), SessionInspectorModule.forRoot(options)],
      controllers: [ActionsController],
    });

  beforeAll(async () => {
    running = await start({}, { adapter });
    client = new Client(running.url);
    await runAs(client, (session) => {
      session.set('nickname', SECRET).set('cart', { apple: 2, note: SECRET });
    });
  });

  afterAll(() => running.close());

  const report = async (own: Client = client): Promise<InspectorReport> =>
    (await own.get(`${PAGE}/json`)).json() as InspectorReport;

  it('shows the session with its values masked, its commits, and no id', async () => {
    const answer = await client.get(PAGE);
    const { session, commits } = await report();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(session?.variables).toEqual([
      { name: 'nickname', value: 'string, 22 characters' },
      {
        name: 'cart',
        value: 'object, 2 properties',
        properties: [
          { name: 'apple', value: 'number' },
          { name: 'note', value: 'string, 22 characters' },
        ],
      },
    ]);
    expect(commits).toEqual([
      expect.objectContaining({
        attempts: 1,
        changes: [
          { kind: 'set', name: 'nickname' },
          { kind: 'set', name: 'cart' },
        ],
      }),
    ]);
    expect(answer.text).toContain('string, 22 characters');
    const json = JSON.stringify(await report());
    for (const secret of [SECRET, client.cookies.get('sid') ?? '']) {
      expect(secret).not.toBe('');
      expect(answer.text + json).not.toContain(secret);
    }
  });

  it('is kept by nobody, and brings no foreign content', async () => {
    for (const path of [PAGE, `${PAGE}/json`]) {
      const { headers } = await client.get(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  it('has a style that its own policy lets in', async () => {
    const { headers, text } = await client.get(PAGE);
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(style).toContain('prefers-color-scheme: dark');
    expect(headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
  });

  it('shows what the last requests did in the store, and leaves its own out', async () => {
    await runAs(client, (session) => void session.set('step', 1));
    const [request] = (await report()).requests;
    expect(request).toMatchObject({
      label: expect.stringMatching(/^GET \/do\/action-\d+$/),
      conflicts: 0,
      retries: 0,
      calls: [
        { operation: 'read', outcome: 'found', durationMs: expect.any(Number) },
        { operation: 'update', outcome: 'stored', durationMs: expect.any(Number) },
      ],
      events: ['committed'],
    });
    const labels = (await report()).requests.map(({ label }) => label);
    expect(labels.filter((label) => label.includes(PAGE))).toEqual([]);
  });

  it('counts conflicts and retries', async () => {
    adapter.planNext('update', async () => false as never);
    await runAs(client, (session) => void session.set('step', 2));
    const [request] = (await report()).requests;
    expect(request).toMatchObject({ conflicts: 1, retries: 1 });
    expect(request?.events).toEqual(['conflict (changed)', 'committed']);
  });

  it('changes nothing for other routes: no session is begun or read', async () => {
    adapter.reset();
    const visitor = new Client(running.url);
    const { setCookies } = await visitor.get('/nowhere');
    await client.get('/nowhere');
    expect([setCookies, adapter.count()]).toEqual([[], 0]);
    expect((await visitor.get(PAGE)).setCookies).toEqual([]);
  });

  it('shows the adapter and whether the store is there', async () => {
    expect((await report()).adapter).toMatchObject({ name: 'CountingAdapter', isUp: true });
    adapter.isDown = true;
    try {
      const answer = await client.get(PAGE);
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('down');
      expect(await report()).toMatchObject({ adapter: { isUp: false }, commits: [] });
    } finally {
      adapter.isDown = false;
    }
  });

  it.each([
    ['merge', 'stored, stored'],
    ['last-write-wins', 'lost, stored'],
  ])('has two tabs write at once: %s', async (way, survived) => {
    const before = await report();
    const answer = await client.send('POST', `${PAGE}?run=${way}`, {
      headers: { 'content-type': 'text/plain' },
      body: '',
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`data-way="${way}"`);
    const outcomes = Array.from(answer.text.matchAll(/\)\s+is (stored|lost)/g), ([, word]) => word);
    expect(outcomes.join(', ')).toBe(survived);
    const after = await report();
    expect(after.session).toEqual({ ...before.session, expiresAt: after.session?.expiresAt });
    expect(after.requests).toEqual(before.requests);
  });

  it('leaves no scratch session behind', async () => {
    adapter.reset();
    await client.send('POST', `${PAGE}?run=merge`);
    const created = adapter.calls.find(({ method }) => method === 'create');
    expect(created).toBeDefined();
    expect(await adapter.peek(created?.key ?? '')).toBeUndefined();
  });

  it('escapes what it shows', async () => {
    const visitor = new Client(running.url);
    await runAs(visitor, (session) => void session.set('<script>alert(1)</script>', 1));
    const { text } = await visitor.get(PAGE);
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script');
  });

  it.each([
    [{ 'x-forwarded-for': '203.0.113.7' }],
    [{ forwarded: 'for=203.0.113.7' }],
    [{ 'x-forwarded-proto': 'https' }],
    [{ host: 'rebound.example' }],
    [{ host: 'localhost:3000', origin: 'https://other.example' }],
    [{ host: 'localhost:3000', origin: 'http://localhost:4000' }],
    [{ host: 'localhost:3000', origin: 'null' }],
  ])('lets in local clients only: not with %p', async (headers) => {
    const answer = await requestWith(running, headers);
    expect(answer).toBe(403);
    expect(await requestWith(running, { host: 'localhost:3000' })).toBe(200);
    const origin = 'http://localhost:3000';
    expect(await requestWith(running, { host: 'localhost:3000', origin })).toBe(200);
  });

  it.each([
    ['1.0', 403],
    ['1.1', 200],
  ])('takes HTTP/1.0 for the word of a proxy: %s', async (version, status) => {
    const socket = connect(running.port, '127.0.0.1');
    socket.end(`GET ${PAGE} HTTP/${version}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const [, answered] = (await readAll(socket)).split(' ', 2);
    expect(answered).toBe(String(status));
  });

  describe('with options', () => {
    let other: RunningApp | undefined;

    afterEach(() => other?.close());

    it('stands at another path, has another guard, and shows values where that is asked for', async () => {
      other = await start({ path: 'debug/sessions', guard: HeaderGuard, showValues: true });
      const visitor = new Client(other.url);
      await runAs(visitor, (session) => void session.set('nickname', SECRET));
      const headers = { 'x-inspector': 'please' };
      const refused = await visitor.get('/debug/sessions');
      const { status, text } = await visitor.get('/debug/sessions', { headers });
      expect([refused.status, status]).toEqual([403, 200]);
      expect(text).toContain(SECRET);
      expect(text).toContain('href="/debug/sessions/json"');
      expect(text).toContain('action="/debug/sessions?run=merge"');
    });

    it('takes a function as its guard', async () => {
      let isOpen = false;
      other = await start({ guard: async () => isOpen });
      const visitor = new Client(other.url);
      const refused = await visitor.get(PAGE);
      isOpen = true;
      expect([refused.status, (await visitor.get(PAGE)).status]).toEqual([403, 200]);
    });

    it('remembers as many requests as it is told to', async () => {
      other = await start({ keptRequests: 2 });
      const visitor = new Client(other.url);
      for (let n = 0; n < 4; n++) await runAs(visitor, (session) => void session.set('n', n));
      expect((await report(visitor)).requests).toHaveLength(2);
    });

    it('is not there in production, unless it is asked for', async () => {
      const before = process.env['NODE_ENV'];
      process.env['NODE_ENV'] = 'production';
      try {
        other = await start();
        expect((await new Client(other.url).get(PAGE)).status).toBe(404);
        await other.close();
        other = await start({ enabled: true });
        expect((await new Client(other.url).get(PAGE)).status).toBe(200);
      } finally {
        process.env['NODE_ENV'] = before;
      }
    });

    it.each([
      ['cookie', { adapter: 'cookie', encryption: { keys: [randomBytes(32)] } }],
      ['noop', { adapter: 'noop' }],
    ] as const)('says where two tabs share no session: %s', async (_, session) => {
      other = await start({}, session);
      const answer = await new Client(other.url).send('POST', `${PAGE}?run=merge`);
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('keeps no sessions that two tabs could share');
    });
  });
});

/** The status for a client that fetch() does not let us be. */
function requestWith(
  { port }: RunningApp,
  headers: Record<string, string | undefined>,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: PAGE, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
  });
}

describe('SessionInspectorModule.forRoot', () => {
  it.each([
    ['showValue', true],
    ['enabled', 'yes'],
    ['path', ''],
    ['guard', {}],
    ['imports', SessionModule],
    ['showValues', 1],
    ['keptRequests', 0],
  ])('refuses %s: %p by a sentence that names it', (name, value) => {
    const options = { [name]: value } as SessionInspectorOptions;
    const forRoot = () => SessionInspectorModule.forRoot(options);
    expect(forRoot).toThrow(InvalidSessionOptionsException);
    expect(forRoot).toThrow(`"${name}"`);
  });

  it('takes what is left out as undefined', () => {
    expect(SessionInspectorModule.forRoot({ enabled: undefined as never })).toMatchObject({
      module: SessionInspectorModule,
    });
  });
});
