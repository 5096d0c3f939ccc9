import { once } from 'node:events';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Res, StreamableFile } from '@nestjs/common';
import { SessionModule, SessionService } from 'nestjs-session-bag';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { bodyOf, headersOf, isWhole, RawExchange } from '../support/raw-exchange.js';
import { type PlatformResponse, takeOver } from '../support/raw-response.js';

const store = new CountingAdapter();

/** What is waited for between the last part of a body and the last change. */
let beforeLastChange: () => unknown = () => undefined;

/** Each tells its length in its head, and changes the session after its last part. */
const bodies = ['/streamable', '/one-part', '/large-parts', '/written', '/with-callbacks'];

@Controller()
class BodiesController {
  constructor(private readonly session: SessionService) {}

  @Get('begin')
  begin(): void {
    this.session.set('count', 0);
  }

  @Get('value')
  value(): unknown {
    return { count: this.session.get('count') };
  }

  @Get('streamable')
  streamable(): StreamableFile {
    return new StreamableFile(this.parts('hello', 'world'), { length: 10 });
  }

  @Get('one-part')
  onePart(): StreamableFile {
    return new StreamableFile(this.parts('helloworld'), { length: 10 });
  }

  /** Larger than all buffers on the way to a client that reads late. */
  @Get('large-parts')
  largeParts(): StreamableFile {
    const parts = Array.from({ length: 100 }, () => Buffer.alloc(100_000, 'x'));
    return new StreamableFile(this.parts(...parts), { length: 10_000_000 });
  }

  @Get('written')
  async written(@Res() response: PlatformResponse): Promise<void> {
    const raw = takeOver(response);
    raw.writeHead(200, { 'Content-Length': 10 });
    raw.write('hello');
    if (!raw.write('world')) await once(raw, 'drain');
    await this.change();
    raw.end();
  }

  @Get('with-callbacks')
  withCallbacks(@Res() response: PlatformResponse): void {
    const raw = takeOver(response);
    raw.setHeader('Content-Length', '10');
    raw.write('hello', () => raw.write('world', () => void this.change().then(() => raw.end())));
  }

  private async change(): Promise<void> {
    await beforeLastChange();
    this.session.set('count', 1);
  }

  private parts(...parts: (string | Buffer)[]): Readable {
    const change = (): Promise<void> => this.change();
    const written = async function* (): AsyncGenerator<string | Buffer> {
      yield* parts;
      await change();
    };
    return Readable.from(written(), { objectMode: false });
  }
}

describe.each(platforms)('an answer whose head tells its length on %s', (platform) => {
  let running: RunningApp;
  let client: Client;
  let exchange: RawExchange;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [BodiesController],
    });
  });

  afterAll(() => running.close());

  beforeEach(async () => {
    store.isDown = false;
    beforeLastChange = () => exchange.waitFor('\r\n\r\n');
    client = new Client(running.url);
    await client.get('/begin');
  });

  afterEach(() => exchange.close());

  async function ask(path: string, method = 'GET'): Promise<void> {
    exchange = await RawExchange.open(running.port);
    exchange.request(`${method} ${path}`, [`Cookie: sid=${client.cookies.get('sid')}`]);
  }

  async function stored(): Promise<unknown> {
    return (await client.get('/value')).json();
  }

  it.each(bodies)('R16 is whole once its last change is stored (%s)', async (path) => {
    const commit = store.holdNext('update');
    await ask(path);
    await commit.arrived;
    await client.get('/nowhere');
    expect(isWhole(exchange.received)).toBe(false);
    commit.release();
    expect(isWhole(await exchange.toEnd())).toBe(true);
    expect(await stored()).toEqual({ count: 1 });
  });

  it.each(bodies)('R16 is cut when its last change is not stored (%s)', async (path) => {
    const logs = captureLogs();
    const headCame = beforeLastChange;
    beforeLastChange = async () => {
      await headCame();
      store.isDown = true;
    };
    await ask(path);
    const received = await exchange.toEnd();
    expect(headersOf(received, 'Content-Length')).toHaveLength(1);
    expect(isWhole(received)).toBe(false);
    expect(ownLogs(logs)).toHaveLength(1);
    store.isDown = false;
    expect(await stored()).toEqual({ count: 0 });
  });

  it('R16 is whole for a client that reads late', async () => {
    exchange = await RawExchange.open(running.port);
    exchange.socket.pause();
    exchange.request('GET /large-parts', [`Cookie: sid=${client.cookies.get('sid')}`]);
    await client.get('/nowhere');
    exchange.socket.resume();
    expect(isWhole(await exchange.toEnd())).toBe(true);
    expect(await stored()).toEqual({ count: 1 });
  });

  // Nest does not read a StreamableFile for HEAD.
  it.each(['/written', '/with-callbacks'])('R16 ends with its head for HEAD (%s)', async (path) => {
    beforeLastChange = () => undefined;
    const commit = store.holdNext('update');
    await ask(path, 'HEAD');
    await commit.arrived;
    await client.get('/nowhere');
    expect(exchange.received).toBe('');
    commit.release();
    const received = await exchange.toEnd();
    expect(headersOf(received, 'Content-Length')).toHaveLength(1);
    expect(bodyOf(received)).toBe('');
    expect(await stored()).toEqual({ count: 1 });
  });
});
