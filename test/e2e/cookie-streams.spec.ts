import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Res } from '@nestjs/common';
import { SessionModule, type SessionModuleOptions, SessionService } from 'nestjs-session-bag';
import { randomBytes } from 'node:crypto';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { isWhole, RawExchange } from '../support/raw-exchange.js';
import { type PlatformResponse, takeOver } from '../support/raw-response.js';

const encryption = { keys: [randomBytes(32)] };

/** What a stream does between its first byte and its last. */
let betweenBytes: (session: SessionService) => unknown = () => undefined;

@Controller()
class StreamsController {
  constructor(private readonly session: SessionService) {}

  @Get('begin')
  begin(): void {
    this.session.set('cart', { items: ['a'] });
  }

  @Get('value')
  value(): unknown {
    return this.session.toJSON();
  }

  @Get('stream')
  async stream(@Res() response: PlatformResponse): Promise<void> {
    const raw = takeOver(response);
    this.session.set('streamed', true);
    raw.write('first ', () => {
      void Promise.resolve(betweenBytes(this.session)).then(() => raw.end('last'));
    });
  }
}

const stores = { no: undefined, some: new MemoryAdapter() } as const;
const cases = platforms.flatMap((platform) =>
  (['no', 'some'] as const).map((revocations) => ({ platform, revocations })),
);

describe.each(cases)(
  'after the first byte, with $revocations revocations on $platform',
  ({ platform, revocations }) => {
    let running: RunningApp;
    let client: Client;

    beforeAll(async () => {
      const options: SessionModuleOptions = {
        adapter: 'cookie',
        encryption,
        revocations: stores[revocations],
      };
      running = await startApp(platform, {
        imports: [SessionModule.forRoot(options)],
        controllers: [StreamsController],
      });
    });

    afterAll(() => running.close());

    beforeEach(async () => {
      client = new Client(running.url);
      await client.get('/begin');
    });

    /** The bytes of a stream that did this after its first byte. */
    async function stream(doing: typeof betweenBytes): Promise<string> {
      betweenBytes = doing;
      const exchange = await RawExchange.open(running.port);
      exchange.request('GET /stream', [`Cookie: sid=${client.cookies.get('sid')}`]);
      const bytes = await exchange.toEnd();
      const [, cookie] = /^set-cookie: sid=([^;]+);/im.exec(bytes) ?? [];
      if (cookie !== undefined) client.cookies.set('sid', cookie);
      return bytes;
    }

    async function seen(): Promise<unknown> {
      return (await client.get('/value')).json();
    }

    it('R16 the cookie has what was changed before', async () => {
      expect(isWhole(await stream(() => undefined))).toBe(true);
      expect(await seen()).toEqual({ cart: { items: ['a'] }, streamed: true });
    });

    it('R16 every write throws, and reading works', async () => {
      const errors: Error[] = [];
      let read: unknown;
      const bytes = await stream(async (session) => {
        for (const write of [
          async () => session.set('late', 1),
          async () => session.remove('cart'),
          async () => session.clear(),
          async () => Object.assign(session.bag('late'), { a: 1 }),
          async () => session.setLifetime(60),
          () => session.update('late', () => 1),
          () => session.save(),
          () => session.regenerateId(),
          () => session.login('kimbra'),
        ]) {
          errors.push(await failureOf(write()));
        }
        read = session.get('streamed');
      });
      expect(errors.map(({ name }) => name)).toEqual(Array(9).fill('SessionHeadersSentException'));
      expect(read).toBe(true);
      expect(isWhole(bytes)).toBe(true);
      expect(await seen()).toEqual({ cart: { items: ['a'] }, streamed: true });
    });

    it('R16 what is changed inside a value is not dropped silently: the connection is cut', async () => {
      const logs = captureLogs();
      const bytes = await stream((session) => {
        session.get<{ items: string[] }>('cart')?.items.push('b');
      });
      expect(isWhole(bytes)).toBe(false);
      expect(ownLogs(logs)).toEqual([
        expect.objectContaining({ text: expect.stringMatching(/were not stored.*already sent/) }),
      ]);
      expect(await seen()).toEqual({ cart: { items: ['a'] }, streamed: true });
    });

    it('R16 destroy ends the session where somebody can be told, and rejects elsewhere', async () => {
      let error: Error | undefined;
      const bytes = await stream(async (session) => {
        await session.destroy().catch((reason: Error) => (error = reason));
      });
      expect(isWhole(bytes)).toBe(true);
      const isTold = revocations === 'some';
      expect(error?.name).toBe(isTold ? undefined : 'SessionHeadersSentException');
      expect(await seen()).toEqual(isTold ? {} : { cart: { items: ['a'] }, streamed: true });
    });
  },
);
