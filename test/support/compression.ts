import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, createGzip, type Gzip } from 'node:zlib';

/**
 * Compresses as the package `compression` does: from the outside of the response, by its own
 * `writeHead`, `write` and `end`, with `flush` for streams; but so that what is large stays large.
 */
export function compress(
  _request: IncomingMessage,
  response: ServerResponse & { flush?: () => void },
  next: () => void,
): void {
  const { writeHead, write, end } = response as unknown as Record<string, AnyMethod>;
  let gzip: Gzip | undefined;
  let isHeadWritten = false;
  let isEnded = false;

  response.writeHead = ((...args: unknown[]) => {
    if (!isHeadWritten) compressBody();
    return writeHead?.apply(response, args);
  }) as ServerResponse['writeHead'];
  response.write = ((chunk: string | Uint8Array) => {
    if (isEnded) return false;
    if (!response.headersSent) response.writeHead(response.statusCode);
    return gzip ? gzip.write(chunk) : write?.call(response, chunk);
  }) as ServerResponse['write'];
  response.end = ((chunk?: string | Uint8Array) => {
    if (isEnded) return response;
    isEnded = true;
    if (!response.headersSent) response.writeHead(response.statusCode);
    if (gzip) gzip.end(chunk);
    else end?.call(response, chunk);
    return response;
  }) as ServerResponse['end'];
  response.flush = () => gzip?.flush();
  next();

  function compressBody(): void {
    isHeadWritten = true;
    if (response.statusCode === 204 || response.statusCode === 304) return;
    gzip = createGzip({ level: constants.Z_NO_COMPRESSION });
    response.setHeader('Content-Encoding', 'gzip');
    response.removeHeader('Content-Length');
    gzip.on('data', (chunk: Buffer) => {
      if (write?.call(response, chunk) === false) gzip?.pause();
    });
    response.on('drain', () => gzip?.resume());
    gzip.on('drain', () => response.emit('drain'));
    gzip.on('end', () => end?.call(response));
  }
}

type AnyMethod = (this: ServerResponse, ...args: unknown[]) => unknown;
