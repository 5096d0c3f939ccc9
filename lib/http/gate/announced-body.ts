import type { ServerResponse } from 'node:http';
import { type BodyArguments, callbackOf } from './native-methods.js';

/**
 * A body that is written in parts. Where the head has a Content-Length, the answer is whole for its
 * client as soon as it has that many bytes, ended or not: the part that completes it is kept until the
 * end, so that it can still be left out.
 */
export class AnnouncedBody {
  readonly #response: ServerResponse;
  readonly #send: (part: BodyArguments) => boolean;
  /** Bytes to come; NaN where none are announced. */
  #missing: number;
  #lastPart: BodyArguments | undefined;

  /** To be made when the first part is written; `send` writes a part on the response. */
  constructor(response: ServerResponse, send: (part: BodyArguments) => boolean) {
    this.#response = response;
    this.#send = send;
    this.#missing = Number(response.getHeader('content-length'));
  }

  /**
   * Sends a part, or keeps it. In place of a kept part Node gets an empty one, so that a writer
   * which waits for its callback, or for 'drain', goes on when the parts before it are out.
   */
  write(part: BodyArguments): boolean {
    const bytes = bytesOf(part);
    // More than was announced: nothing can be told from where the body ends any more.
    if (bytes > 0) this.complete();
    const isLast = this.#isCompletedBy(bytes);
    const [chunk, ...rest] = part;
    const mayGoOn = this.#send(isLast ? ['', ...rest] : part);
    this.#missing -= bytes;
    if (isLast) this.#lastPart = [callbackOf(part) ? copyOf(chunk) : chunk, encodingOf(part)];
    return mayGoOn;
  }

  /** Sends what was kept. */
  complete(): void {
    const lastPart = this.#lastPart;
    this.#lastPart = undefined;
    if (lastPart) this.#send(lastPart);
  }

  /** What Node refuses at once, as longer than announced, is given to it at once. */
  #isCompletedBy(bytes: number): boolean {
    if (this.#missing < bytes && this.#response.strictContentLength) return false;
    return this.#missing > 0 && this.#missing <= bytes;
  }
}

function bytesOf(part: BodyArguments): number {
  const chunk = part[0] as string | Uint8Array;
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encodingOf(part)) : chunk.byteLength;
}

function encodingOf([, encoding]: BodyArguments): BufferEncoding | undefined {
  return typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined;
}

/** After the callback the writer may use its memory for something else. */
function copyOf(chunk: unknown): unknown {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array);
}
