import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { GatedConversation } from '../support/gated-conversation.js';
import type { Gated } from '../support/gated-server.js';
import { bodyOf } from '../support/raw-exchange.js';

const conversation = GatedConversation.use();

function request(
  handler: (response: ServerResponse) => unknown,
  kind: 'changed' | 'unchanged' = 'unchanged',
  line?: string,
): Promise<Gated> {
  return conversation.request(kind, (_request, response) => void handler(response), line);
}

/** Changes the session, ends the answer, and has the store refuse the change. */
async function failAtEnd({ exchange, response }: Gated): Promise<void> {
  exchange.change();
  response.end();
  await exchange.refuse(new Error('down'));
  await exchange.ended();
}

/** What the client has once the store has refused a change that followed the last part. */
async function cutBody(gated: Gated): Promise<string> {
  await failAtEnd(gated);
  return bodyOf(await conversation.client.all());
}

const announcements: Record<string, (response: ServerResponse) => unknown> = {
  'setHeader with a number': (response) => response.setHeader('Content-Length', 10),
  'setHeader with text': (response) => response.setHeader('content-length', '10'),
  'setHeader with a list': (response) => response.setHeader('Content-Length', ['10']),
  'writeHead with an object': (response) => response.writeHead(200, { 'Content-Length': 10 }),
  'writeHead with a reason': (response) =>
    response.writeHead(200, 'Fine', { 'Content-Length': 10 }),
  'writeHead with a flat array': (response) => response.writeHead(200, ['content-length', '10']),
  'writeHead with pairs': (response) =>
    response.writeHead(200, [['Content-Length', 10]] as unknown as string[]),
  'writeHead over another length': (response) => {
    response.setHeader('Content-Length', 99);
    response.writeHead(200, { 'content-length': '10' });
  },
  flushHeaders: (response) => {
    response.setHeader('Content-Length', 10);
    response.flushHeaders();
  },
};

describe('the part that completes an announced body', () => {
  it.each(Object.keys(announcements))('R16 waits for the end (%s)', async (kind) => {
    const gated = await request((response) => {
      announcements[kind]?.(response);
      response.write('hello');
    });
    await conversation.client.until('hello');
    await new Promise((resolve) => gated.response.write('world', resolve));
    expect(await cutBody(gated)).toBe('hello');
    expect(gated.logger.lines).toEqual([expect.stringContaining('were not stored')]);
  });

  it('R16 waits for the end when it is the first', async () => {
    const gated = await request((response) => {
      response.setHeader('Content-Length', 5);
      response.write('hello');
    });
    await conversation.client.until('\r\n\r\n');
    expect(await cutBody(gated)).toBe('');
  });

  it('R16 waits for the end when the first part waited for a commit', async () => {
    const gated = await request((response) => {
      response.setHeader('Content-Length', 10);
      response.write('hello');
      response.write('world');
    }, 'changed');
    await gated.exchange.accept();
    await conversation.client.until('hello');
    expect(await cutBody(gated)).toBe('hello');
  });

  it('R16 leaves with the end, once the store has accepted', async () => {
    const { exchange, response } = await request((answer) => {
      answer.setHeader('Content-Length', 10);
      answer.write('hello');
      answer.write('world');
    });
    await conversation.client.until('hello');
    exchange.change();
    response.end();
    await exchange.committing();
    expect(conversation.client.received).not.toContain('world');
    await exchange.accept();
    expect(bodyOf(await conversation.client.all())).toBe('helloworld');
    await exchange.ended();
  });

  it('leaves with an end that has nothing to store', async () => {
    const { response } = await request((answer) => {
      answer.setHeader('Content-Length', 5);
      answer.write('hello');
    });
    response.end();
    expect(bodyOf(await conversation.client.all())).toBe('hello');
  });

  it.each<[string, unknown[], number]>([
    ['text of more bytes than characters', ['héllo'], 6],
    ['hexadecimal text', ['ff00ff', 'hex'], 3],
    ['base64 text', ['YWJj', 'base64'], 3],
    ['wide text', ['abc', 'utf16le'], 6],
    ['a buffer', [Buffer.from('hello')], 5],
    ['an array of bytes', [new Uint8Array([1, 2, 3])], 3],
    ['more than was announced', ['hello'], 4],
  ])('R16 is found by its bytes (%s)', async (_kind, part, length) => {
    const gated = await request((response) => {
      response.setHeader('Content-Length', length + 1);
      response.write('>');
      (response.write as (...args: unknown[]) => boolean)(...part);
    });
    await conversation.client.until('>');
    expect(await cutBody(gated)).toBe('>');
  });

  it('lets its writer go on who waits for the callback', async () => {
    const memory = Buffer.from('hello');
    const { exchange, response } = await request((answer) => {
      answer.setHeader('Content-Length', 5);
    });
    await new Promise((resolve) => response.write(memory, resolve));
    memory.fill('x');
    exchange.change();
    response.end();
    await exchange.accept();
    expect(bodyOf(await conversation.client.all())).toBe('hello');
  });

  it("lets its writer go on who waits for 'drain'", async () => {
    const part = 'x'.repeat(1 << 20);
    const { response } = await request((answer) => answer.setHeader('Content-Length', 8 << 20));
    for (let n = 0; n < 8; n++) {
      if (!response.write(part)) await once(response, 'drain');
    }
    response.end();
    expect(bodyOf(await conversation.client.all())).toHaveLength(8 << 20);
  });

  it('lets a stream go on that is piped', async () => {
    const parts = Array.from({ length: 64 }, (_, n) => String(n % 10).repeat(100_000));
    const { exchange } = await request((answer) => {
      answer.setHeader('Content-Length', 6_400_000);
      Readable.from(parts).pipe(answer);
    }, 'changed');
    await exchange.accept();
    expect(bodyOf(await conversation.client.all())).toBe(parts.join(''));
  });

  it('R18 is refused at once where Node refuses it at once', async () => {
    const { response } = await request((answer) => {
      answer.strictContentLength = true;
      answer.writeHead(200, { 'Content-Length': 4 });
    });
    expect(() => response.write('hello')).toThrow('content-length of 5 byte(s) does not match');
    const write = response.write.bind(response) as (...part: unknown[]) => boolean;
    expect(() => write('hell', 'klingon')).toThrow('Unknown encoding: klingon');
  });

  it('R17 is dropped when the client leaves, and the change is stored', async () => {
    const { exchange, response } = await request((answer) => {
      answer.setHeader('Content-Length', 5);
      answer.write('hello');
    });
    await conversation.client.until('\r\n\r\n');
    exchange.change();
    const closed = once(response, 'close');
    conversation.client.cut();
    await closed;
    response.end();
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls).toEqual(['writeHeaders', 'onHeadersSent', 'commit', 'onEnded']);
  });

  it('is none where the answer has no body', async () => {
    const { exchange, response } = await request(
      (answer) => answer.setHeader('Content-Length', 5),
      'unchanged',
      'HEAD /',
    );
    await new Promise((resolve) => response.write('hello', resolve));
    exchange.change();
    response.end();
    await exchange.accept();
    expect(bodyOf(await conversation.client.all())).toBe('');
  });
});
