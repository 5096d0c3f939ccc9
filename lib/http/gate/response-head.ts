import { OutgoingMessage, ServerResponse } from 'node:http';
import { isUint8Array } from 'node:util/types';
import type { BodyArguments, HeadArguments } from './native-methods.js';

type HeaderValue = number | string | readonly string[];

/**
 * Puts what `writeHead` was given on the response, where headers can still be added. Node would take
 * headers given to `writeHead` over those that are set, and so over our cookie.
 *
 * @returns the reason that came along, if one did
 * @throws where and what Node's own `writeHead` throws
 */
export function setHead(
  response: ServerResponse,
  [status, reason, headers]: HeadArguments,
): string | undefined {
  const given = typeof reason === 'string' ? reason : undefined;
  const message = given ?? response.statusMessage;
  assertHead(response, status, message);
  setHeaders(response, given === undefined ? (headers ?? reason) : headers);
  setStatus(response, Number(status) | 0, message);
  return given;
}

/**
 * Writes only what differs: on a response whose prototype Express has exchanged, a property costs
 * microseconds to write up to Node.js 22, and a tenth of that to read.
 */
export function setStatus(response: ServerResponse, code: number, message: string): void {
  if (response.statusCode !== code) response.statusCode = code;
  if (response.statusMessage !== message) response.statusMessage = message;
}

/** Node checks a chunk before anything else; what it would refuse must not wait for the commit. */
export function assertChunk(response: ServerResponse, [chunk]: BodyArguments): void {
  if (typeof chunk === 'string' || isUint8Array(chunk)) return;
  OutgoingMessage.prototype.write.call(response, chunk, 'utf8');
}

/** `end` takes nothing, or its callback, in place of a chunk. */
export function assertLastChunk(response: ServerResponse, args: BodyArguments): void {
  const [chunk] = args;
  if (chunk && typeof chunk !== 'function') assertChunk(response, args);
}

/** Has Node check status and message, on a response that goes nowhere, unless they are plainly right. */
function assertHead(response: ServerResponse, status: unknown, message: string): void {
  const plain = typeof status === 'number' && status >= 100 && status <= 999 && !message;
  if (!plain) new ServerResponse(response.req).writeHead(status as number, message);
}

function setHeaders(response: ServerResponse, headers: unknown): void {
  if (!headers) return;
  if (Array.isArray(headers)) setHeaderPairs(response, headers);
  else {
    const values = headers as Record<string, HeaderValue>;
    for (const name of Object.keys(values)) {
      if (name) response.setHeader(name, values[name] as HeaderValue);
    }
  }
}

function setHeaderPairs(response: ServerResponse, headers: readonly unknown[]): void {
  const flat = Array.isArray(headers[0]) ? headers.flat(1) : headers;
  // An odd count is refused by Node, which checks it only where headers are set already.
  if (flat.length % 2 !== 0) {
    const refused = new ServerResponse(response.req);
    refused.setHeader('x', 'x');
    refused.writeHead(200, flat as string[]);
  }
  for (let n = 0; n < flat.length; n += 2) {
    if (flat[n]) response.removeHeader(flat[n] as string);
  }
  for (let n = 0; n < flat.length; n += 2) {
    if (flat[n]) response.appendHeader(flat[n] as string, flat[n + 1] as string);
  }
}
