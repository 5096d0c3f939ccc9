import type { ServerResponse } from 'node:http';
import { Transform } from 'node:stream';

/** As on-headers does: adds to the head in the last moment, whoever writes it. */
export function addAtHead(response: ServerResponse): void {
  const { writeHead } = response as { writeHead: (...args: unknown[]) => ServerResponse };
  let times = 0;
  response.writeHead = function addingHead(this: ServerResponse, ...args: unknown[]) {
    times++;
    this.setHeader('X-Times', times);
    return writeHead.apply(this, args);
  };
}

/** As compression does: decides at the head, then sends all through a stream of its own. */
export function encodeBody(response: ServerResponse): void {
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
