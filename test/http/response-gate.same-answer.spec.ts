import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, pipeline, Readable, Transform } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Handler,
  type Gated,
  type GatedServer,
  RawClient,
  startGatedServer,
} from '../support/gated-server.js';

/** Each answers, and tells `note` what is called back on the way. */
type Answer = (
  response: ServerResponse,
  note: (what: string) => void,
  request: IncomingMessage,
) => unknown;

const answers: Record<string, Answer> = {
  'json by setHeader and end': (response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end('{"a":1}');
  },
  'end alone': (response) => response.end(),
  'end with a callback alone': (response, note) => response.end(() => note('end')),
  'end with encoding and callback': (response, note) => {
    response.end('ff00', 'hex', () => note('end'));
  },
  'end with a buffer and a callback': (response, note) => {
    response.end(Buffer.from('x'), () => note('end'));
  },
  'writeHead with an object': (response) => {
    response.writeHead(201, { 'X-A': 'a', 'Content-Length': 2, 'Set-Cookie': ['a=1', 'b=2'] });
    response.end('ok');
  },
  'writeHead with a reason and headers over set ones': (response) => {
    response.setHeader('X-A', 'old');
    response.setHeader('Set-Cookie', 'old=1');
    response.writeHead(202, 'Well taken', { 'x-a': 'new' });
    response.end('ok');
  },
  'writeHead with a reason only': (response) => response.writeHead(200, 'Fine').end('ok'),
  'writeHead with a flat array': (response) => {
    response.writeHead(200, ['X-A', 'a', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end('ok');
  },
  'writeHead with pairs': (response) => {
    const pairs = [
      ['X-A', 'a'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ];
    response.writeHead(200, pairs as unknown as string[]).end('ok');
  },
  'writeHead with a status as text': (response) => {
    response.writeHead('203' as unknown as number).end('ok');
  },
  'a message set before': (response) => {
    response.statusCode = 418;
    response.statusMessage = 'Teapot it is';
    response.end('short and stout');
  },
  'setHeaders and appendHeader': (response) => {
    response.setHeaders(new Map([['X-A', 'a']]));
    response.appendHeader('Set-Cookie', 'a=1');
    response.appendHeader('Set-Cookie', 'b=2');
    response.end('ok');
  },
  'writes in all overloads': (response, note) => {
    response.write('a', () => note('a'));
    response.write('YmM=', 'base64', () => note('b'));
    response.write(Buffer.from('d'), () => note('d'));
    response.write(new Uint8Array([101]));
    response.end('f', () => note('end'));
  },
  'a redirect': (response) => {
    response.writeHead(302, { Location: '/there' });
    response.end();
  },
  '204': (response, note) => {
    response.writeHead(204);
    response.end(() => note('end'));
  },
  '304 with an implicit head': (response) => {
    response.statusCode = 304;
    response.setHeader('ETag', '"x"');
    response.end();
  },
  trailers: (response, _note, { method }) => {
    // Node takes them with a body in chunks only.
    if (method !== 'HEAD') {
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('body');
      response.addTrailers({ 'X-Sum': '4' });
    }
    response.end();
  },
  'cork and uncork': (response) => {
    response.cork();
    response.write('a');
    response.write('b');
    response.uncork();
    response.end('c');
  },
  'flushHeaders, and a body later': (response) => {
    response.flushHeaders();
    setImmediate(() => response.end('later'));
  },
  'a head, and a body later': (response) => {
    response.writeHead(200, { 'X-A': 'a' });
    setImmediate(() => response.write('later'));
    setImmediate(() => response.end());
  },
  'early hints and processing': (response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeProcessing();
    response.end('ok');
  },
  'a large piped stream': (response) => {
    Readable.from(Array.from({ length: 40 }, (_, n) => String(n % 10).repeat(9000))).pipe(response);
  },
  'a pipeline': (response, note) => {
    const source = Readable.from(['one', 'two', Buffer.alloc(70_000, 'x')]);
    pipeline(source, new PassThrough(), response, (error) => note(`pipeline ${String(error)}`));
  },
  'a writer that waits for drain': async (response) => {
    for (let n = 0; n < 5; n++) {
      if (!response.write('y'.repeat(40_000))) await once(response, 'drain');
    }
    response.end();
  },
  'an announced length, written at once': (response, note) => {
    response.setHeader('Content-Length', '4');
    response.write('ab', () => note('a'));
    response.write(Buffer.from('cd'), () => note('c'));
    response.end(() => note('end'));
  },
  'an announced length, written by callbacks': (response, note) => {
    response.writeHead(200, { 'content-length': 4 });
    response.write('é', 'utf8', () => {
      note('é');
      response.write('ff00', 'hex', () => {
        note('hex');
        response.end(() => note('end'));
      });
    });
  },
  'an announced length, of which the last part comes with the end': (response) => {
    response.writeHead(200, ['Content-Length', '4']);
    response.write('ab');
    response.end('cd');
  },
  'an announced length, with empty parts': (response) => {
    response.setHeader('Content-Length', 4);
    for (const part of ['', 'abcd', '', '']) response.write(part);
    response.end('');
  },
  'an announced length, through a pipeline': (response, note) => {
    response.setHeader('Content-Length', 70_006);
    const source = Readable.from(['one', 'two', Buffer.alloc(70_000, 'x')]);
    pipeline(source, response, (error) => note(`pipeline ${String(error)}`));
  },
  'an announced length, with waiting for drain': async (response) => {
    response.setHeader('Content-Length', 200_000);
    for (let n = 0; n < 5; n++) {
      if (!response.write('y'.repeat(40_000))) await once(response, 'drain');
    }
    response.end();
  },
  'no content, with a length and parts': (response, note) => {
    response.writeHead(204, { 'Content-Length': 2 });
    response.write('ab', () => note('ab'));
    response.end(() => note('end'));
  },
  'not modified, with a length': (response) => {
    response.writeHead(304, { 'Content-Length': 2 }).end();
  },
  'less than was announced': (response) => {
    response.setHeader('Content-Length', 4);
    response.write('abc');
    response.end();
  },
  'more than was announced': (response, note) => {
    response.setHeader('Content-Length', 4);
    response.write('abcd', () => note('abcd'));
    response.write('ef', () => note('ef'));
    response.end('g');
  },
  'a head that middleware put last adds to': (response) => {
    addAtHead(response);
    response.end('ok');
  },
  'an explicit head that middleware adds to': (response) => {
    addAtHead(response);
    response.writeHead(200, { 'X-A': 'a' });
    response.end('ok');
  },
  'a small body through encoding middleware': (response) => {
    encodeBody(response);
    response.setHeader('Content-Length', 5);
    response.end('small');
  },
  'a large body through encoding middleware': (response) => {
    encodeBody(response);
    Readable.from(Array.from({ length: 20 }, () => 'z'.repeat(9000))).pipe(response);
  },
};

/** What is free to leave before the commit. */
const informationalBytes = new Map([
  [
    answers['early hints and processing'],
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'.length +
      'HTTP/1.1 102 Processing\r\n\r\n'.length,
  ],
]);

const requests: Record<string, [line: string, more: string]> = {
  'GET of': ['GET /', 'Connection: close\r\n\r\n'],
  'HEAD of': ['HEAD /', 'Connection: close\r\n\r\n'],
};

describe.each(Object.keys(requests))('R18 %s', (kindOfRequest) => {
  let server: GatedServer;

  beforeAll(async () => {
    server = await startGatedServer();
  });
  afterAll(() => server.close());

  it.each(Object.keys(answers))('%s is the same with and without the gate', async (kind) => {
    const handler = answers[kind] as Answer;
    const request = requests[kindOfRequest] as [string, string];
    const expected = await exchange('ungated', handler, request);

    const unused = await exchange('unchanged', handler, request);
    expect(unused).toEqual(expected);

    const held = await exchange('changed', handler, request);
    expect(held).toEqual(expected);
  });

  async function exchange(
    kind: 'changed' | 'unchanged' | 'ungated',
    answer: Answer,
    request: [string, string],
  ): Promise<{ text: string; notes: string[] }> {
    const notes: string[] = [];
    const note = (what: string): void => void notes.push(what);
    server.serve(kind, listening(answer, note));
    const coming = server.next();
    const client = await RawClient.connect(server.port);
    client.send(...request);
    const gated = await coming;
    if (kind === 'changed') await accepted(gated, informationalBytes.get(answer) ?? 0);
    const text = await client.all();
    if (!notes.includes('close')) await once(gated.response, 'close');
    return { text: withoutOurs(text, kind), notes };
  }
});

/** Proves, before it accepts the commit, that the server has sent nothing but informational answers. */
async function accepted({ exchange, response }: Gated, informational: number): Promise<void> {
  await exchange.committing();
  expect(response.headersSent).toBe(true);
  expect(response.socket?.bytesWritten).toBe(informational);
  await exchange.accept();
}

function listening(answer: Answer, note: (what: string) => void): Handler {
  return (request, response) => {
    response.on('finish', () => note('finish'));
    response.on('close', () => note('close'));
    answer(response, note, request);
  };
}

/** Takes out the date, and the cookie that the gated answer must have. */
function withoutOurs(text: string, kind: string): string {
  const ours = 'Set-Cookie: sid=fake\r\n';
  expect(text.split(ours)).toHaveLength(kind === 'ungated' ? 1 : 2);
  return text.replace(ours, '').replace(/Date: .*\r\n/, '');
}

/** As on-headers does: adds to the head in the last moment, whoever writes it. */
function addAtHead(response: ServerResponse): void {
  const { writeHead } = response as { writeHead: (...args: unknown[]) => ServerResponse };
  let times = 0;
  response.writeHead = function addingHead(this: ServerResponse, ...args: unknown[]) {
    times++;
    this.setHeader('X-Times', times);
    return writeHead.apply(this, args);
  };
}

/** As compression does: decides at the head, then sends all through a stream of its own. */
function encodeBody(response: ServerResponse): void {
  const native = response as unknown as Record<
    'write' | 'end' | 'on',
    (...args: unknown[]) => unknown
  >;
  const { write, end } = native;
  const { writeHead } = response as { writeHead: (...args: unknown[]) => ServerResponse };
  let encoder: Transform | undefined;
  let hasDecided = false;
  response.writeHead = function encodingHead(this: ServerResponse, ...args: unknown[]) {
    if (!hasDecided && this.getHeader('Content-Length') === undefined) encoder = encoderInto();
    hasDecided = true;
    return writeHead.apply(this, args);
  };
  response.write = ((chunk: string) => {
    if (!response.headersSent) response.writeHead(response.statusCode);
    return encoder ? encoder.write(chunk) : write.call(response, chunk);
  }) as ServerResponse['write'];
  response.end = ((chunk?: string) => {
    if (!response.headersSent) response.writeHead(response.statusCode);
    if (encoder) encoder.end(chunk);
    else end.call(response, chunk);
    return response;
  }) as ServerResponse['end'];

  function encoderInto(): Transform {
    response.setHeader('Content-Encoding', 'upper');
    const stream = new Transform({
      transform: (chunk: Buffer, _encoding, done) => done(null, chunk.toString().toUpperCase()),
    });
    stream.on('data', (chunk) => {
      if (write.call(response, chunk) === false) stream.pause();
    });
    response.on('drain', () => stream.resume());
    stream.on('drain', () => response.emit('drain'));
    stream.on('end', () => end.call(response));
    return stream;
  }
}
