import { once } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import {
  SessionConflictException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { GatedConversation } from '../support/gated-conversation.js';
import { type Gated, type Handler, RawClient, startGatedServer } from '../support/gated-server.js';

const conversation = GatedConversation.use();

async function held(handler: (response: ServerResponse) => unknown, line?: string): Promise<Gated> {
  const handle: Handler = (_request, response) => void handler(response);
  const gated = await conversation.request('changed', handle, line);
  await gated.exchange.committing();
  return gated;
}

const unavailable = new SessionStoreUnavailableException('The store did not answer.');

describe('R15 a refused answer', () => {
  const refusals: [string, Error, string, string, string][] = [
    [
      '503 for a store that fails',
      unavailable,
      '503 Service Unavailable',
      'Service Unavailable',
      'error',
    ],
    [
      '409 for a conflict',
      new SessionConflictException('Gone.'),
      '409 Conflict',
      'Conflict',
      'warn',
    ],
    [
      '500 for what cannot be stored',
      new SessionSerializationException('cart.items[2] is a function.'),
      '500 Internal Server Error',
      'Internal server error',
      'error',
    ],
  ];

  it.each(refusals)('%s', async (_name, reason, status, message, level) => {
    const { exchange, logger } = await held((response) => response.end('success'));
    await exchange.refuse(reason);
    const answer = await conversation.client.all();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\n`));
    expect(answer).toContain('Cache-Control: no-store\r\n');
    expect(answer).toContain('Content-Type: application/json; charset=utf-8\r\n');
    expect(answer.includes('Retry-After: 1\r\n')).toBe(status.startsWith('503'));
    expect(answer).not.toContain('Set-Cookie');
    const [head, body] = answer.split('\r\n\r\n') as [string, string];
    expect(JSON.parse(body)).toEqual({ statusCode: Number(status.slice(0, 3)), message });
    expect(head).toContain(`Content-Length: ${body.length}\r\n`);
    await exchange.ended();
    expect(exchange.calls).toEqual(['commit', 'onHeadersSent', 'onEnded']);
    expect(logger.lines).toEqual([
      `${level}: The session changes of a request were not stored. ${reason.message}`,
    ]);
  });

  it('keeps headers of CORS and security, and drops those of the answer', async () => {
    const kept = {
      'Access-Control-Allow-Origin': 'https://a.test',
      'Content-Security-Policy': "default-src 'self'",
      'Strict-Transport-Security': 'max-age=1',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': 'r1',
      Vary: 'Origin',
    };
    const dropped = {
      'Set-Cookie': 'theirs=1',
      Location: '/paid',
      ETag: '"x"',
      'Last-Modified': 'now',
      'Content-Encoding': 'gzip',
      'Content-Disposition': 'attachment',
      'Content-Length': '7',
      'Cache-Control': 'public, max-age=9',
      Expires: '0',
    };
    const { exchange } = await held((response) => {
      response.writeHead(201, 'Paid', { ...kept, ...dropped }).end('success');
    });
    await exchange.refuse(unavailable);
    const answer = await conversation.client.all();
    for (const [name, value] of Object.entries(kept)) expect(answer).toContain(`${name}: ${value}`);
    for (const [name, value] of Object.entries(dropped)) {
      expect(answer).not.toContain(`${name}: ${value}`);
    }
    expect(answer).not.toMatch(/Paid|success/);
  });

  it('has no body for HEAD', async () => {
    const { exchange } = await held((response) => response.end('success'), 'HEAD /');
    await exchange.refuse(unavailable);
    const answer = await conversation.client.all();
    expect(answer).toContain('503');
    expect(answer).toMatch(/Content-Length: \d\d\r\n[^]*\r\n\r\n$/);
  });

  it('has a body where the held answer had none', async () => {
    const { exchange } = await held((response) => response.writeHead(204).end());
    await exchange.refuse(unavailable);
    expect(await conversation.client.all()).toContain('"Service Unavailable"');
  });

  it('has its body where the response writes what it is ended with', async () => {
    const server = await startGatedServer({ ServerResponse: WritingAtEnd });
    server.serve('changed', (_request, response) => response.end('success'));
    const coming = server.next();
    const client = await RawClient.connect(server.port);
    client.send();
    await (await coming).exchange.refuse(unavailable);
    expect(await client.all()).toMatch(/\r\n\r\n{.*"Service Unavailable"}$/);
    await server.close();
  });

  it('leaves the connection to further requests', async () => {
    conversation.server.serve('changed', (_request, response) => response.end('success'));
    const coming = conversation.server.next();
    conversation.client.send('GET /', '\r\n');
    await (await coming).exchange.refuse(unavailable);
    await conversation.client.until('"Service Unavailable"');
    const { exchange } = await held((response) => response.end('second'));
    await exchange.accept();
    expect(await conversation.client.all()).toMatch(/second$/);
  });

  it('swallows what is written later and calls it back', async () => {
    const done: string[] = [];
    const { exchange, response } = await held((answer) => {
      answer.write('held', () => done.push('write'));
    });
    await exchange.refuse(unavailable);
    await once(response, 'finish');
    expect(response.headersSent).toBe(true);
    expect(() => response.setHeader('a', 'b')).toThrow(/after they are sent/);
    await new Promise((resolve) => response.write('later', resolve));
    response.flushHeaders();
    await new Promise<void>((resolve) => response.end('last', () => resolve()));
    expect(done).toEqual(['write']);
    expect(await conversation.client.all()).not.toMatch(/held|later|last/);
    await exchange.ended();
  });

  it('calls a held end back', async () => {
    let isDone = false;
    const { exchange, response } = await held((answer) => answer.end('x', () => (isDone = true)));
    await exchange.refuse(unavailable);
    if (!response.closed) await once(response, 'close');
    expect(isDone).toBe(true);
  });

  it('lets go of a stream that is piped into it', async () => {
    const source = endless();
    const { exchange, response } = await held((answer) => source.pipe(answer));
    const unpiped = once(response, 'unpipe');
    await exchange.refuse(unavailable);
    await unpiped;
    expect(source.readableFlowing).toBe(false);
    expect(await conversation.client.all()).toMatch(/"Service Unavailable"}$/);
    await exchange.ended();
  });

  it('ends a pipeline into it, and its source', async () => {
    const source = endless();
    let ended: ((error: unknown) => void) | undefined;
    const over = new Promise((resolve) => (ended = resolve));
    const { exchange } = await held((answer) =>
      pipeline(source, answer, (error) => ended?.(error)),
    );
    await exchange.refuse(unavailable);
    await over;
    expect(source.destroyed).toBe(true);
    expect(await conversation.client.all()).toContain('503');
  });

  it('wakes a writer that waits for drain', async () => {
    let isWritten = false;
    const { exchange } = await held(async (answer) => {
      while (!answer.write('x'.repeat(20_000))) await once(answer, 'drain');
      isWritten = true;
      answer.end();
    });
    await exchange.refuse(unavailable);
    expect(await conversation.client.all()).toContain('503');
    await exchange.ended();
    expect(isWritten).toBe(true);
  });
});

/** As those that Fastify's `inject()` makes. */
class WritingAtEnd<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  override end(chunk?: unknown): this {
    if (typeof chunk === 'string') this.write(chunk);
    return super.end();
  }
}

function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(16_384, 'x'));
    },
  });
}
