import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { addAtHead, encodeBody } from './answer-middleware.js';

/** Each answers, and tells `note` what is called back on the way. */
export type Answer = (
  response: ServerResponse,
  note: (what: string) => void,
  request: IncomingMessage,
) => unknown;

export const answers: Record<string, Answer> = {
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
