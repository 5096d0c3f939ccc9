import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Head,
  Injectable,
  type NestInterceptor,
  Post,
  Redirect,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionContext,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { SessionStarter } from '../../lib/session.starter.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Controller('plain')
class PlainController {
  @Get()
  read() {
    return { plain: true };
  }

  @Post()
  write() {
    return { plain: true };
  }

  @Head('head')
  head() {}

  @Get('redirect')
  @Redirect('/plain')
  redirect() {}

  @Get('fault')
  fault() {
    throw new Error('a fault');
  }
}

@Injectable()
class StartingGuard implements CanActivate {
  constructor(private readonly context: SessionContext) {}

  async canActivate(): Promise<boolean> {
    const session = await this.context.start();
    return session === this.context.session;
  }
}

@Injectable()
class ReadingInterceptor implements NestInterceptor {
  constructor(private readonly context: SessionContext) {}

  intercept(_: ExecutionContext, next: CallHandler) {
    this.context.session.get('n');
    return next.handle();
  }
}

@Controller('everything')
@UseGuards(StartingGuard)
@UseInterceptors(ReadingInterceptor)
class EverythingController {
  @Persistent() private readonly own!: Bag<{ n: number }>;

  constructor(
    private readonly session: SessionService,
    private readonly context: SessionContext,
  ) {}

  @Get()
  async read(@SessionBag('user') user: Bag, @SessionBag('cart') cart: Bag) {
    await this.context.start();
    await this.session.start();
    return { n: this.session.get('n', 0), all: [user.size, cart.size, this.own.n ?? 0] };
  }

  @Post()
  write(@SessionBag('user') user: Bag) {
    user['name'] = 'Kimbra';
    this.own.n = 1;
    this.session.set('n', 1);
    return { id: this.session.id };
  }

  @Post('emptied')
  emptied(@SessionBag('user') user: Bag) {
    user['name'] = 'Kimbra';
    user.clear();
    this.session.set('n', 1).remove('n');
    return {};
  }

  @Post('clear')
  clear() {
    this.session.clear();
    return {};
  }
}

describe.each(platforms)('on %s', (platform) => {
  let adapter: CountingAdapter;
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter })],
      controllers: [PlainController, EverythingController],
      providers: [StartingGuard, ReadingInterceptor],
    });
    client = new Client(running.url);
  });
  afterEach(() => running.close());

  describe('R1 a route that uses no session', () => {
    const requests: readonly [string, string][] = [
      ['GET', '/plain'],
      ['POST', '/plain'],
      ['HEAD', '/plain/head'],
      ['GET', '/plain/redirect'],
      ['GET', '/plain/fault'],
      ['GET', '/nowhere'],
      ['OPTIONS', '/plain'],
    ];

    it('makes no store call, whatever cookie comes along', async () => {
      await client.post('/everything');
      const { sid = '' } = Object.fromEntries(client.cookies);
      expect(sid).toHaveLength(43);
      adapter.reset();
      const unknown = 'A'.repeat(43);
      for (const cookie of [
        `sid=${sid}`,
        `sid=${unknown}`,
        'sid=malformed',
        'sid=',
        `sid=${sid}; sid=${unknown}`,
        `__Host-sid=${sid}`,
        'other=1',
        ';;=;',
      ]) {
        for (const [method, path] of requests) {
          const { setCookies, headers } = await client.send(method, path, { headers: { cookie } });
          const varies = headers.get('vary')?.includes('Cookie') ?? false;
          expect([cookie, path, setCookies, varies]).toEqual([cookie, path, [], false]);
        }
      }
      expect(adapter.count()).toBe(0);
    });

    it('passes no guard of ours where nobody uses @Persistent', async () => {
      const guard = jest.spyOn(SessionStarter.prototype, 'canActivate');
      const without = await startApp(platform, {
        imports: [SessionModule.forRoot({ adapter: new CountingAdapter() })],
        controllers: [PlainController],
      });
      try {
        expect((await new Client(without.url).get('/plain')).status).toBe(200);
        expect(guard).not.toHaveBeenCalled();
        await client.get('/plain');
        expect(guard).toHaveBeenCalled();
      } finally {
        await without.close();
      }
    });

    it('has the very headers that it has without the module', async () => {
      const bare = await startApp(platform, { controllers: [PlainController] });
      try {
        for (const [method, path] of requests) {
          const cookie = `sid=${'A'.repeat(43)}`;
          const [withModule, without] = await Promise.all(
            [client, new Client(bare.url)].map((each) =>
              each.send(method, path, { headers: { cookie } }),
            ),
          );
          expect(comparable(withModule?.headers)).toEqual(comparable(without?.headers));
          expect(withModule?.status).toBe(without?.status);
        }
      } finally {
        await bare.close();
      }
    });
  });

  describe('R2 a route that uses the session', () => {
    it('reads it once, however many ask for it', async () => {
      await client.post('/everything');
      adapter.reset();
      const answer = await client.get('/everything');
      expect(answer.json()).toEqual({ n: 1, all: [1, 0, 1] });
      expect(adapter.calls.map(({ method }) => method)).toEqual(['read']);
    });

    it('makes no store call for a visitor without a cookie, nor with one that cannot be ours', async () => {
      for (const cookie of ['', 'sid=malformed', `other=${'A'.repeat(43)}`]) {
        const answer = await client.send('GET', '/everything', { headers: { cookie } });
        expect([answer.status, answer.setCookies]).toEqual([200, []]);
      }
      expect(adapter.count()).toBe(0);
    });

    it('stores the first write with one call, and a later one with two', async () => {
      await client.post('/everything');
      expect(adapter.calls.map(({ method }) => method)).toEqual(['create']);
      await client.post('/everything/clear');
      expect(adapter.calls.map(({ method }) => method)).toEqual(['create', 'read', 'update']);
    });
  });

  describe('R4', () => {
    it('there is no record and no cookie before the first write', async () => {
      const reading = await client.get('/everything');
      expect([reading.setCookies, adapter.count()]).toEqual([[], 0]);
      const writing = await client.post('/everything');
      expect([writing.json(), writing.setCookies.length]).toEqual([{ id: '' }, 1]);
      expect(adapter.count('create')).toBe(1);
    });

    it('what is empty when it would first be stored is not stored', async () => {
      const answer = await client.post('/everything/emptied');
      expect([answer.setCookies, adapter.count()]).toEqual([[], 0]);
    });

    it('a stored session stays, even empty, and sends no second cookie', async () => {
      await client.post('/everything');
      const cleared = await client.post('/everything/clear');
      expect([cleared.setCookies, adapter.count('destroy')]).toEqual([[], 0]);
      adapter.reset();
      expect((await client.post('/everything')).setCookies).toEqual([]);
      expect(adapter.calls.map(({ method }) => method)).toEqual(['read', 'update']);
    });
  });
});

/** Without what differs from request to request. */
function comparable(headers = new Headers()): string[] {
  return [...headers]
    .filter(([name]) => name !== 'date')
    .map(([name, value]) => `${name}: ${value}`);
}
