import type { ServerResponse } from 'node:http';
import { type BodyArguments, callbackOf } from './native-methods.js';
import { lookFull } from './sent-look.js';

export type HeldMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders';

interface HeldCall {
  readonly method: HeldMethod;
  readonly args: BodyArguments;
}

/** What the application called while its answer was held, in order. */
export class HeldCalls {
  readonly #response: ServerResponse;
  #calls: HeldCall[] = [];
  /** Bytes that wait; strings count by their length, as in Node's own buffer. */
  #bytes = 0;
  #owesDrain = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  push(method: HeldMethod, args: BodyArguments = []): void {
    this.#calls.push({ method, args });
  }

  /**
   * Whether more may be written at once, as Node's `write` says it; else 'drain' is owed. A response
   * without a connection, as adapters for functions in a cloud make them, has no mark and no 'drain'.
   */
  pushWrite(args: BodyArguments): boolean {
    this.push('write', args);
    this.#bytes += (args[0] as string | Uint8Array).length;
    const { writableHighWaterMark } = this.#response as { readonly writableHighWaterMark?: number };
    if (writableHighWaterMark === undefined || this.#bytes < writableHighWaterMark) return true;
    this.#owesDrain = true;
    lookFull(this.#response);
    return false;
  }

  /**
   * Empties the queue into `replay`, call by call. For what comes behind the end Node emits an 'error'
   * as long as the answer is not over; without the gate it would be over by now, and an 'error' that
   * nobody listens to would end the process.
   */
  replay(replay: (method: HeldMethod, args: BodyArguments) => void): void {
    const calls = this.#take();
    const end = calls.findIndex(({ method }) => method === 'end');
    if (end !== -1 && end < calls.length - 1) this.#response.on('error', ignore);
    for (const { method, args } of calls) replay(method, args);
  }

  /** Empties the queue, sending nothing and calling every callback. */
  swallow(): void {
    for (const { method, args } of this.#take()) {
      if (method === 'end') swallowEnd(this.#response, args);
      else swallowWrite(args);
    }
  }

  /** Where the replay filled Node's own buffer, Node will say itself when it has drained. */
  emitDrain(): void {
    const response = this.#response;
    if (!this.#owesDrain || response.destroyed || response.writableNeedDrain) return;
    process.nextTick(() => response.emit('drain'));
    this.#owesDrain = false;
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

function ignore(): void {
  // The callback of the call is told, and so is who listens.
}
