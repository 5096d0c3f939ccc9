import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ResponseGates } from '../../lib/http/response-gates.js';
import { GatedConversation } from '../support/gated-conversation.js';
import { FakeExchange, FakeLogger, type Gated } from '../support/gated-server.js';

const conversation = GatedConversation.use();

const firstBytes: Record<string, (response: ServerResponse) => unknown> = {
  end: (response) => response.end('x'),
  write: (response) => response.write('x'),
  writeHead: (response) => response.writeHead(200),
  'writeHead by its old name': (response: ServerResponse & { writeHeader?(code: 200): void }) =>
    response.writeHeader ? response.writeHeader(200) : response.writeHead(200),
  flushHeaders: (response) => response.flushHeaders(),
};

describe('the unused gate', () => {
  it.each(Object.keys(firstBytes))('R1 lets %s through at once', async (method) => {
    const { exchange, response } = await conversation.request('unchanged', (_request, answer) => {
      firstBytes[method]?.(answer);
    });
    expect(exchange.calls.slice(0, 2)).toEqual(['writeHeaders', 'onHeadersSent']);
    response.end();
    expect(await conversation.client.all()).toContain('Set-Cookie: sid=fake');
    await exchange.ended();
    expect(exchange.calls).toEqual(['writeHeaders', 'onHeadersSent', 'onEnded']);
  });

  it('writes our headers over none that writeHead was given', async () => {
    const { exchange } = await conversation.request('unchanged', (_request, response) => {
      response.writeHead(200, { 'Set-Cookie': 'theirs=1' }).end();
    });
    const answer = await conversation.client.all();
    expect(answer).toContain('Set-Cookie: theirs=1\r\n');
    expect(answer).toContain('Set-Cookie: sid=fake\r\n');
    expect(exchange.calls).not.toContain('commit');
  });

  it('lets an answer through that a stand-in for a server has made', () => {
    const request = new IncomingMessage({ destroyed: false } as Socket);
    const response = new ServerResponse(request);
    const exchange = new FakeExchange(0);
    new ResponseGates(new FakeLogger()).admit(response).close(exchange);
    response.end('x');
    expect(exchange.calls).toEqual(['writeHeaders', 'onHeadersSent']);
  });
});

describe('a held answer', () => {
  it.each(Object.keys(firstBytes))('R14 sends no byte of %s before the commit', async (method) => {
    const { exchange, response } = await conversation.request('changed', (_request, answer) => {
      firstBytes[method]?.(answer);
    });
    await exchange.committing();
    expect(response.socket?.bytesWritten).toBe(0);
    expect(exchange.calls).toEqual(['commit']);
    await exchange.accept();
    if (!response.writableEnded) response.end();
    expect(await conversation.client.all()).toContain('HTTP/1.1 200 OK');
    await exchange.ended();
    expect(exchange.calls).toEqual(['commit', 'writeHeaders', 'onHeadersSent', 'onEnded']);
  });

  it('R14 is held until what was changed meanwhile is committed too', async () => {
    const { exchange, response } = await conversation.request('changed', (_request, answer) =>
      answer.end('x'),
    );
    await exchange.committing();
    exchange.change();
    await exchange.accept();
    await exchange.committing();
    expect(response.socket?.bytesWritten).toBe(0);
    await exchange.accept();
    expect(await conversation.client.all()).toContain('200 OK');
  });

  it('R18 looks as one that was sent', async () => {
    const { exchange, response } = await conversation.request('changed', (_request, answer) =>
      answer.write('x'),
    );
    await exchange.committing();
    expect(response.headersSent).toBe(true);
    const sent = { code: 'ERR_HTTP_HEADERS_SENT' };
    expect(() => response.setHeader('a', 'b')).toThrow(expect.objectContaining(sent));
    expect(() => response.appendHeader('a', 'b')).toThrow(expect.objectContaining(sent));
    expect(() => response.setHeaders(new Map([['a', 'b']]))).toThrow(expect.objectContaining(sent));
    expect(() => response.removeHeader('a')).toThrow(expect.objectContaining(sent));
    expect(() => response.writeHead(500)).toThrow(expect.objectContaining(sent));
    expect(response.writableEnded).toBe(false);
    response.statusCode = 500;
    response.end('y');
    expect(response.writableEnded).toBe(true);
    expect(response.writableFinished).toBe(false);
    await exchange.accept();
    const answer = await conversation.client.all();
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer).not.toMatch(/500|a: b/);
    expect(response.writableEnded).toBe(true);
  });

  it('R18 counts its waiting bytes, says full, and drains after the commit', async () => {
    const results: boolean[] = [];
    const { exchange, response } = await conversation.request('changed', (_request, answer) => {
      results.push(answer.write('small'));
      results.push(answer.write(Buffer.alloc(answer.writableHighWaterMark)));
    });
    expect(results).toEqual([true, false]);
    expect(response.writableNeedDrain).toBe(true);
    const drained = once(response, 'drain');
    await exchange.accept();
    await drained;
    expect(response.writableNeedDrain).toBe(false);
    response.end();
    await conversation.client.all();
  });

  it('R18 refuses a second end and a late write as Node does', async () => {
    const failures: unknown[] = [];
    const { exchange, response } = await conversation.request('changed', (_request, answer) => {
      answer.on('error', (error) => failures.push(error));
      answer.end('x');
    });
    const late = new Promise((resolve) => response.write('late', resolve));
    const secondEnd = new Promise<void>((resolve) => response.end(() => resolve()));
    await exchange.accept();
    expect(await late).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
    await secondEnd;
    const answer = await conversation.client.all();
    expect(answer).toMatch(/\r\n\r\nx$/);
    expect(failures).toEqual([expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' })]);
  });

  it('R18 takes late writes that nobody listens to the errors of', async () => {
    const { exchange, response } = await conversation.request('changed', (_request, answer) =>
      answer.end('x'),
    );
    const late = [1, 2].map((n) => new Promise((resolve) => response.write(`late ${n}`, resolve)));
    await exchange.accept();
    const refused = expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' });
    expect(await Promise.all(late)).toEqual([refused, refused]);
    if (!response.closed) await once(response, 'close');
    expect(await conversation.client.all()).toMatch(/\r\n\r\nx$/);
  });

  it('R18 refuses at once what Node refuses at once', async () => {
    const { exchange, response } = await conversation.request('changed', () => undefined);
    const untyped = response as unknown as Record<string, (...args: unknown[]) => unknown>;
    const refused = (method: string, ...args: unknown[]): unknown => {
      try {
        return untyped[method]?.(...args);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(refused('write', null)).toBe('ERR_STREAM_NULL_VALUES');
    expect(refused('write', 5)).toBe('ERR_INVALID_ARG_TYPE');
    expect(refused('end', {})).toBe('ERR_INVALID_ARG_TYPE');
    expect(refused('writeHead', 99)).toBe('ERR_HTTP_INVALID_STATUS_CODE');
    expect(refused('writeHead', 200, 'new\nline')).toBe('ERR_INVALID_CHAR');
    expect(refused('writeHead', 200, { 'a b': 'c' })).toBe('ERR_INVALID_HTTP_TOKEN');
    expect(refused('writeHead', 200, { a: undefined })).toBe('ERR_HTTP_INVALID_HEADER_VALUE');
    expect(refused('writeHead', 200, ['a', 'b', 'c'])).toBe('ERR_INVALID_ARG_VALUE');
    response.statusCode = 1000;
    expect(refused('end')).toBe('ERR_HTTP_INVALID_STATUS_CODE');
    expect(exchange.calls).toEqual([]);
    expect(response.headersSent).toBe(false);
    response.statusCode = 500;
    response.end();
    await exchange.accept();
    expect(await conversation.client.all()).toContain('HTTP/1.1 500');
  });

  it('R18 keeps the connection, and the order of pipelined requests', async () => {
    const gated: Gated[] = [];
    conversation.server.serve('changed', (incoming, response) =>
      response.end(`<${String(incoming.url)}>`),
    );
    conversation.client.send('GET /1', '\r\n');
    gated.push(await conversation.server.next());
    conversation.client.send('GET /2', '\r\n');
    gated.push(await conversation.server.next());
    await gated[1]?.exchange.accept();
    expect(gated[0]?.request.socket.bytesWritten).toBe(0);
    await gated[0]?.exchange.accept();
    const answers = await conversation.client.until('</2>');
    expect(answers.indexOf('</1>')).toBeGreaterThan(0);
    expect(answers.indexOf('</1>')).toBeLessThan(answers.indexOf('</2>'));
    await Promise.all(gated.map(({ exchange }) => exchange.ended()));
  });

  it('R18 sends 100-continue while nothing is decided', async () => {
    conversation.server.serve('changed', (incoming, response) => {
      response.writeContinue();
      incoming.on('data', () => undefined).on('end', () => response.end('got it'));
    });
    const coming = conversation.server.next();
    conversation.client.send(
      'POST /',
      'Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n',
    );
    expect(await conversation.client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    conversation.client.socket.write('hi');
    await (await coming).exchange.accept();
    expect(await conversation.client.all()).toContain('got it');
  });

  it('cuts the connection where Node refuses the body only in the replay', async () => {
    const { exchange, logger } = await conversation.request('changed', (_request, response) => {
      response.strictContentLength = true;
      response.writeHead(200, { 'Content-Length': 3 });
      response.end('too long');
    });
    await exchange.accept();
    await conversation.client.closed;
    await exchange.ended();
    expect(logger.lines).toEqual([expect.stringContaining('An answer was cut off')]);
  });
});

describe('after the first byte', () => {
  it('R16 the end waits for later changes', async () => {
    const { exchange, response } = await conversation.request('unchanged', (_request, answer) => {
      answer.write('first');
    });
    await conversation.client.until('first');
    exchange.change();
    expect(response.write('second')).toBe(true);
    await conversation.client.until('second');
    response.end('last');
    await exchange.committing();
    expect(conversation.client.received).not.toContain('last');
    expect(response.writableEnded).toBe(true);
    await exchange.accept();
    expect(await conversation.client.all()).toContain('last\r\n0\r\n\r\n');
    await exchange.ended();
    const calls = ['writeHeaders', 'onHeadersSent', 'commit', 'onEnded'];
    expect(exchange.calls).toEqual(calls);
  });

  it('R16 a failed commit cuts the connection without a clean end', async () => {
    const { exchange, response, logger } = await conversation.request(
      'unchanged',
      (_request, answer) => {
        answer.write('first');
      },
    );
    await conversation.client.until('first');
    exchange.change();
    const written = new Promise((resolve) => response.write('second', resolve));
    await written;
    response.end('last');
    await exchange.refuse(new Error('the password is 1234'));
    const answer = await conversation.client.all();
    expect(answer).not.toContain('last');
    expect(answer).not.toContain('0\r\n\r\n');
    await exchange.ended();
    expect(exchange.calls).toEqual(['writeHeaders', 'onHeadersSent', 'commit', 'onEnded']);
    expect(logger.lines).toEqual([
      'error: The session changes of a request were not stored. Cause: Error.',
    ]);
  });

  it('R16 a stream commits at its first byte, and flows afterwards', async () => {
    const source = Readable.from(['a'.repeat(30_000), 'b'.repeat(30_000), 'end']);
    const { exchange } = await conversation.request('changed', (_request, answer) => {
      source.pipe(answer);
    });
    await exchange.committing();
    expect(conversation.client.received).toBe('');
    await exchange.accept();
    expect(await conversation.client.all()).toMatch(/end\r\n0\r\n\r\n$/);
  });

  it('R17 changes made after the end are committed on close', async () => {
    const { exchange, response } = await conversation.request('unchanged', () => undefined);
    response.on('finish', () => exchange.change());
    response.end('x');
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls).toEqual(['writeHeaders', 'onHeadersSent', 'commit', 'onEnded']);
  });
});

describe('a head that is written past the gate', () => {
  it('R16 is followed by an end that waits for what was changed', async () => {
    const { exchange, response } = await conversation.request('changed', (_request, answer) => {
      ServerResponse.prototype.writeHead.call(answer, 200);
      answer.end('last');
    });
    await exchange.committing();
    expect(response.socket?.bytesWritten).toBe(0);
    await exchange.refuse(new Error('down'));
    expect(await conversation.client.all()).toBe('');
    await exchange.ended();
  });
});

describe('a response that was begun before the gate', () => {
  it('is told that its headers are gone, and passes', async () => {
    const exchange = new FakeExchange(1);
    const { response } = await conversation.request('unchanged', (_request, answer) =>
      answer.write('x'),
    );
    new ResponseGates(new FakeLogger()).admit(response).close(exchange);
    expect(exchange.calls).toEqual(['onHeadersSent']);
    response.end();
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls).toEqual(['onHeadersSent', 'commit', 'onEnded']);
  });

  it('ends the exchange at once when it is over', async () => {
    const { response } = await conversation.request('unchanged', (_request, answer) =>
      answer.end(),
    );
    await conversation.client.all();
    if (!response.closed) await once(response, 'close');
    const exchange = new FakeExchange(0);
    new ResponseGates(new FakeLogger()).admit(response).close(exchange);
    expect(exchange.calls).toEqual(['onHeadersSent', 'onEnded']);
  });
});
