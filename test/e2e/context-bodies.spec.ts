import { pipeline, Transform, Writable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionContext,
  SessionModule,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { platforms, type Platform, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { RawExchange, statusOf } from '../support/raw-exchange.js';

type AnyRequest = IncomingMessage & { readonly raw?: IncomingMessage };

/** The pieces of a body that have come, by the name that the session has for its owner. */
const heard: string[] = [];

@Controller()
class BodiesController {
  @Persistent() private readonly owner!: Bag<{ name: string }>;

  constructor(private readonly context: SessionContext) {}

  @Post('name')
  name(): void {
    this.owner.name = 'Kimbra';
  }

  @Post('bag')
  bag(@SessionBag('cart') cart: Bag<{ count: number }>): unknown {
    cart.count = (cart.count ?? 0) + 1;
    return { name: this.owner.name, isActive: this.context.active };
  }

  @Post('listen')
  async listen(@Req() request: AnyRequest): Promise<void> {
    const raw = request.raw ?? request;
    await new Promise<void>((resolve) => {
      raw.on('data', (piece: Buffer) => heard.push(`${this.owner.name} ${piece.toString()}`));
      raw.on('end', () => {
        heard.push(`${this.owner.name} end`);
        resolve();
      });
    });
  }

  @Post('pipe')
  async pipe(@Req() request: AnyRequest): Promise<void> {
    const note = (piece: string): void => void heard.push(`${this.owner.name} ${piece}`);
    const upper = new Transform({
      transform(piece: Buffer, _, done) {
        note(piece.toString());
        done(null, piece);
      },
      flush(done) {
        note('flush');
        done();
      },
    });
    const sink = new Writable({ write: (_piece, _encoding, done) => done() });
    await new Promise<void>((resolve) => {
      pipeline(request.raw ?? request, upper, sink, () => resolve());
    });
  }
}

/** A middleware that goes on in an event of the request, as those that read bodies do. */
function readBody(request: IncomingMessage, _: unknown, next: () => void): void {
  request.on('data', () => undefined);
  request.on('end', () => next());
}

async function configure(platform: Platform, running: RunningApp['app']): Promise<void> {
  if (platform === 'express') return;
  const fastify = (running as NestFastifyApplication).getHttpAdapter().getInstance();
  fastify.addContentTypeParser('application/x-raw', (_request, _body, done) => done(null));
}

describe.each(platforms)('R5 the context in the events of a body, on %s', (platform) => {
  let running: RunningApp;
  let client: Client;

  const start = async (prepare: (app: RunningApp['app']) => void = () => {}): Promise<void> => {
    const module = { imports: [SessionModule.forRoot()], controllers: [BodiesController] };
    running = await startApp(platform, module, async (app) => {
      await configure(platform, app);
      prepare(app);
    });
    client = new Client(running.url);
    await client.post('/name');
  };

  beforeEach(() => {
    heard.length = 0;
  });

  afterEach(() => running.close());

  it.each([
    ['listen', ['Kimbra one', 'Kimbra two', 'Kimbra three', 'Kimbra end']],
    ['pipe', ['Kimbra one', 'Kimbra two', 'Kimbra three', 'Kimbra flush']],
  ])('reaches them all, in however many packets they come (%s)', async (path, all) => {
    await start();
    const exchange = await RawExchange.open(running.port);
    exchange.request(`POST /${path}`, [
      'Content-Type: application/x-raw',
      `Cookie: sid=${client.cookies.get('sid')}`,
      'Content-Length: 11',
    ]);
    for (const [index, piece] of ['one', 'two', 'three'].entries()) {
      exchange.send(piece);
      const hasCome = (): boolean => heard.length > index;
      await pollUntil(hasCome, { within: 3000, every: 2, what: 'the piece' });
    }
    expect(statusOf(await exchange.toEnd())).toBe(201);
    expect(heard).toEqual(all);
  });

  if (platform === 'express') {
    it('reaches what comes after a middleware that goes on in one of them', async () => {
      await start((app) => void app.use(readBody));
      const body = new FormData();
      body.set('file', new Blob(['x'.repeat(200_000)]), 'file.txt');
      const answer = await client.send('POST', '/bag', { body });
      expect([answer.status, answer.json()]).toEqual([201, { name: 'Kimbra', isActive: true }]);
    });
  }
});
