import type { ServerResponse } from 'node:http';
import { type BodyArguments, callbackOf } from './native-methods.js';

export type HeldMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders';

interface HeldCall {
  readonly method: HeldMethod;
  readonly args: BodyArguments;
}

/** What the application called while its answer was held, in order. */
export class HeldCalls {
  #calls: HeldCall[] = [];
  #bytes = 0;

  /** Bytes that wait; strings count by their length, as in Node's own buffer. */
  get bytes(): number {
    return this.#bytes;
  }

  push(method: HeldMethod, args: BodyArguments = []): void {
    const [chunk] = args;
    if (method === 'write') this.#bytes += (chunk as string | Uint8Array).length;
    this.#calls.push({ method, args });
  }

  /** Empties the queue into `replay`, call by call. */
  replay(replay: (method: HeldMethod, args: BodyArguments) => void): void {
    for (const { method, args } of this.#take()) replay(method, args);
  }

  /** Empties the queue, sending nothing and calling every callback. */
  swallow(response: ServerResponse): void {
    for (const { method, args } of this.#take()) {
      if (method === 'end') swallowEnd(response, args);
      else swallowWrite(args);
    }
  }

  #take(): HeldCall[] {
    const calls = this.#calls;
    this.#calls = [];
    this.#bytes = 0;
    return calls;
  }
}

/** Calls a write's callback as Node does for a body that is not sent, such as that of a HEAD. */
export function swallowWrite(args: BodyArguments): void {
  const callback = callbackOf(args);
  if (callback) process.nextTick(callback);
}

/** Calls an end's callback once the answer that is sent instead has gone out. */
export function swallowEnd(response: ServerResponse, args: BodyArguments): void {
  const callback = callbackOf(args);
  if (!callback) return;
  if (response.writableFinished) process.nextTick(callback);
  else response.once('finish', callback);
}
