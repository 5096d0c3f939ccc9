import type { ServerResponse } from 'node:http';
import { type LossLogger, reportCutAnswer } from '../loss-reports.js';
import { refuseAnswer } from '../refused-answer.js';
import { AnnouncedBody } from './announced-body.js';
import type { GatedExchange, GateSurroundings } from './gated-exchange.js';
import { HeldCalls, type HeldMethod, swallowEnd, swallowWrite } from './held-calls.js';
import type { BodyArguments, HeadArguments, NativeMethods } from './native-methods.js';
import { PendingChanges } from './pending-changes.js';
import { assertChunk, assertLastChunk, setHead, setStatus } from './response-head.js';
import { lookEnded, lookHonest, lookSent } from './sent-look.js';

/**
 * - `waiting`: no head was sent; whether the answer may go is decided by its first byte
 * - `held`: the application's calls wait for the commit
 * - `open`: the head is out; calls go straight through
 * - `refused`: another answer was sent; calls are swallowed
 */
type State = 'waiting' | 'held' | 'open' | 'refused';

/** The gate of one response: what its four sending methods do, and what becomes of their calls. */
export class ResponseGate {
  readonly #response: ServerResponse;
  readonly #exchange: GatedExchange;
  readonly #logger: LossLogger;
  readonly #native: NativeMethods;
  readonly #gatedWriteHead: NativeMethods['writeHead'];
  readonly #changes: PendingChanges;
  readonly #held: HeldCalls;
  #body: AnnouncedBody | undefined;
  #state: State = 'waiting';
  /** Given with the status; an empty one is sent, though as `statusMessage` it stands for none. */
  #reason: string | undefined;
  /** True while the gate, and not the application, asks for the head. */
  #isAskingForHead = false;
  /** True while Node sends an answer that may go, and calls `writeHead` itself. */
  #isNodeSending = false;
  #hasEnded = false;
  /** From the end on, what is written is part of it: some responses end by writing. */
  #isEnding = false;

  constructor(response: ServerResponse, exchange: GatedExchange, around: GateSurroundings) {
    this.#response = response;
    this.#exchange = exchange;
    this.#held = new HeldCalls(response);
    this.#logger = around.logger;
    this.#native = around.native;
    this.#gatedWriteHead = around.gatedWriteHead;
    this.#changes = new PendingChanges(response, exchange, around);
    if (response.headersSent) this.#open();
  }

  writeHead(args: HeadArguments): void {
    if (this.#isNodeSending) return this.#sendHead();
    // Once the head is out, or looks so, Node throws what it throws then.
    if (this.#state !== 'waiting') return void this.#native.writeHead.apply(this.#response, args);
    this.#reason = setHead(this.#response, args);
    if (this.#isAskingForHead) return;
    if (!this.#changes.exist()) return this.#sendHead();
    this.#hold();
    this.#held.push('writeHead');
  }

  write(args: BodyArguments): boolean {
    if (this.#state !== 'open') assertChunk(this.#response, args);
    if (this.#state === 'waiting') this.#decideHead();
    switch (this.#state) {
      case 'held':
        return this.#held.pushWrite(args);
      case 'refused':
        swallowWrite(args);
        return this.#response.writableFinished;
      default:
        return this.#sendPart(args);
    }
  }

  end(args: BodyArguments): void {
    assertLastChunk(this.#response, args);
    if (this.#state === 'waiting') this.#decideHead();
    const isOpen = this.#state === 'open';
    // What was changed since the first byte is committed before the answer ends.
    if (isOpen && !this.#response.writableEnded && this.#changes.exist()) this.#hold();
    switch (this.#state) {
      case 'held':
        this.#held.push('end', args);
        lookEnded(this.#response);
        break;
      case 'refused':
        swallowEnd(this.#response, args);
        break;
      default:
        this.#sendEnd(args);
        if (isOpen) this.#noticeGoneClient();
    }
  }

  flushHeaders(): void {
    if (this.#state === 'waiting') this.#decideHead();
    if (this.#state === 'held') this.#held.push('flushHeaders');
    else if (this.#state !== 'refused') this.#pass(this.#native.flushHeaders, []);
  }

  /**
   * The response is over. Where its client left before the application has answered, the exchange
   * stays open: what is still changed is committed soon, and with the answer.
   */
  onClose(): void {
    if (this.#state === 'held') return;
    // Node sends nothing of an answer that is ended after it was destroyed.
    if (this.#state === 'waiting' && this.#response.writableEnded) this.#open();
    if (this.#changes.exist()) {
      const settled = this.#changes.commit().catch(() => undefined);
      void settled.then(() => this.onClose());
    } else if (this.#state !== 'waiting' || this.#changes.isLost) this.#end();
    else this.#changes.watch(() => this.onClose());
  }

  /**
   * Before a first byte: calls `writeHead` as Node would, for all that middleware has put before
   * it.
   */
  #decideHead(): void {
    const response = this.#response;
    if (response.headersSent) return this.#open();
    this.#isAskingForHead = true;
    try {
      response.writeHead(response.statusCode);
    } finally {
      this.#isAskingForHead = false;
    }
    if (this.#state === 'waiting' && this.#changes.exist()) this.#hold();
  }

  /** Writes the head of an accepted answer. */
  #sendHead(): void {
    const response = this.#response;
    this.#exchange.writeHeaders(response);
    this.#native.writeHead.call(response, response.statusCode, this.#reason);
    this.#open();
    if (!this.#isNodeSending) this.#noticeGoneClient();
  }

  #open(): void {
    this.#state = 'open';
    this.#exchange.onHeadersSent();
  }

  #hold(): void {
    this.#state = 'held';
    lookSent(this.#response);
    void this.#commitHeld();
  }

  async #commitHeld(): Promise<void> {
    const { statusCode, statusMessage } = this.#response;
    try {
      await this.#changes.commit();
    } catch (error) {
      return this.#refuse(error);
    }
    setStatus(this.#response, statusCode, statusMessage);
    this.#release();
  }

  #release(): void {
    lookHonest(this.#response);
    this.#state = this.#response.headersSent ? 'open' : 'waiting';
    try {
      this.#held.replay((method, args) => this.#sendHeld(method, args));
    } catch (error) {
      reportCutAnswer(this.#logger, error);
      this.#response.destroy();
    }
    this.#held.emitDrain();
    this.#noticeGoneClient();
  }

  #refuse(reason: unknown): void {
    const response = this.#response;
    lookHonest(response);
    if (response.headersSent) {
      response.destroy();
      return this.#release();
    }
    this.#open();
    this.#isEnding = true;
    response.once('finish', () => this.#held.emitDrain());
    refuseAnswer(response, this.#native, reason);
    this.#state = 'refused';
    this.#held.swallow();
    this.#noticeGoneClient();
  }

  #sendHeld(method: HeldMethod, args: BodyArguments): unknown {
    if (method === 'writeHead') return this.#sendHead();
    if (method === 'write') return this.#sendPart(args);
    if (method === 'end') return this.#sendEnd(args);
    return this.#pass(this.#native[method], args);
  }

  #sendPart(args: BodyArguments): boolean {
    if (this.#isEnding) return this.#pass(this.#native.write, args);
    this.#body ??= new AnnouncedBody(this.#response, (part) =>
      this.#pass(this.#native.write, part),
    );
    return this.#body.write(args);
  }

  #sendEnd(args: BodyArguments): void {
    this.#isEnding = true;
    this.#body?.complete();
    this.#pass(this.#native.end, args);
  }

  /**
   * Calls a native method. Before a first byte Node calls `writeHead` in the middle of it, where it
   * knows the length of the body. What middleware has put before `writeHead` has run by then, and
   * is left out.
   */
  #pass<T>(method: (this: ServerResponse, ...args: BodyArguments) => T, args: BodyArguments): T {
    const response = this.#response;
    if (this.#state === 'open') return method.apply(response, args);
    const methods = response as { writeHead: unknown };
    const { writeHead } = methods;
    const isWrapped = writeHead !== this.#gatedWriteHead;
    if (isWrapped) methods.writeHead = this.#gatedWriteHead;
    this.#isNodeSending = true;
    try {
      return method.apply(response, args);
    } finally {
      this.#isNodeSending = false;
      if (isWrapped) methods.writeHead = writeHead;
      this.#noticeGoneClient();
    }
  }

  /** No 'close' comes where it has come, nor for an answer that was queued on a connection now dead. */
  #noticeGoneClient(): void {
    const { closed, socket, req } = this.#response;
    if (!closed && (socket || !req.socket.destroyed)) return;
    if (this.#state === 'waiting') this.#open();
    this.onClose();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#exchange.onEnded();
  }
}
