import { Logger, type WsMessageHandler } from '@nestjs/common';
import { concatMap, finalize, isObservable, map, Observable, takeWhile, tap } from 'rxjs';
import { reportCutAnswer, reportLostChanges } from '../http/loss-reports.js';
import { refusedMessage } from '../http/refused-answer.js';
import type { HandshakeExchange } from './handshake-exchange.js';
import { sendException, type SocketClient } from './socket-client.js';
import type { SocketSession } from './socket-session.js';

const logger = new Logger('SessionModule');

/** A client, and the session that it came with. */
export interface SessionClient {
  readonly client: SocketClient;
  readonly socket: SocketSession;
}

interface Answer {
  readonly value: unknown;
}

/** The handler, run in an exchange of its own for each message; what it answers waits for the commit. */
export function withSession(client: SessionClient, handler: WsMessageHandler): WsMessageHandler {
  return {
    ...handler,
    callback: (...args: unknown[]) => new MessageAnswer(client, handler, args).give(),
  };
}

/** The hook of that name of a gateway, run in an exchange of its own. */
export function runHook(
  client: SessionClient,
  name: string,
  hook: () => unknown,
): Promise<unknown> {
  const handler = { message: name, callback: async () => hook(), isAckHandledManually: false };
  return new MessageAnswer(client, handler, []).give();
}

/** One message, and what is said to it. */
class MessageAnswer {
  readonly #client: SocketClient;
  readonly #socket: SocketSession;
  readonly #handler: WsMessageHandler;
  readonly #args: readonly unknown[];
  readonly #exchange: HandshakeExchange;
  /** Whether the client was told that its changes are lost. */
  #isRefused = false;

  constructor(
    { client, socket }: SessionClient,
    handler: WsMessageHandler,
    args: readonly unknown[],
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#handler = handler;
    this.#args = args;
    this.#exchange = socket.begin();
  }

  async give(): Promise<unknown> {
    let result: unknown;
    try {
      result = await this.#exchange.run(() => this.#handler.callback(...this.#handlerArgs()));
    } catch (error) {
      await this.#finish();
      throw error;
    }
    if (isObservable(result)) return this.#committed(result);
    return (await this.#finish()) ? result : undefined;
  }

  /** Each value after what was changed until then is stored; nothing more when that fails. */
  #committed(source: Observable<unknown>): Observable<unknown> {
    const answers = source.pipe(
      concatMap(async (value) => ((await this.#commit()) ? { value } : undefined)),
      takeWhile((answer): answer is Answer => answer !== undefined),
      map(({ value }) => value),
      tap(() => this.#socket.onAnswered(this.#exchange)),
      finalize(() => void this.#finish()),
    );
    return new Observable((subscriber) => this.#exchange.run(() => answers.subscribe(subscriber)));
  }

  /** An acknowledgement that the handler gives itself waits for the commit, too. */
  #handlerArgs(): readonly unknown[] {
    if (!this.#handler.isAckHandledManually) return this.#args;
    return this.#args.map((arg) => (typeof arg === 'function' ? this.#committedAck(arg) : arg));
  }

  #committedAck(ack: Function): (...values: unknown[]) => void {
    return (...values) => {
      const answer = async (): Promise<void> => {
        if (await this.#commit()) Reflect.apply(ack, undefined, values);
      };
      answer().catch((error: unknown) => reportCutAnswer(logger, error));
    };
  }

  #commit(): Promise<boolean> {
    return this.#stores(this.#exchange.commit());
  }

  async #finish(): Promise<boolean> {
    const isStored = await this.#stores(this.#exchange.finish());
    this.#socket.onFinished(this.#exchange);
    this.#socket.onAnswered(this.#exchange);
    return isStored;
  }

  /** False: the changes are lost, and the client was told. */
  async #stores(commit: Promise<void>): Promise<boolean> {
    try {
      await commit;
      return true;
    } catch (error) {
      if (this.#isRefused) return false;
      this.#isRefused = true;
      reportLostChanges(logger, error);
      const cause = { pattern: this.#handler.message, data: this.#args[0] };
      sendException(this.#client, { status: 'error', message: refusedMessage(error), cause });
      return false;
    }
  }
}
