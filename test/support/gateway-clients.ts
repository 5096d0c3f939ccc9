import { once } from 'node:events';
import type { INestApplication, WebSocketAdapter } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { pollUntil } from './poll.js';

export const socketKinds = ['socket.io', 'ws'] as const;

export type SocketKind = (typeof socketKinds)[number];

export function socketAdapterOf(kind: SocketKind, app: INestApplication): WebSocketAdapter {
  return kind === 'ws' ? new WsAdapter(app) : new PatientIoAdapter(app);
}

type CreateServer = IoAdapter['createIOServer'];

/** Lets a test move the clock without losing its connections. */
class PatientIoAdapter extends IoAdapter {
  override createIOServer(...[port, options]: Parameters<CreateServer>): ReturnType<CreateServer> {
    return super.createIOServer(port, Object.assign({ pingTimeout: 3_600_000 }, options));
  }
}

/** A client of a gateway, of either kind. Handlers answer with `{ id, ... }` of what they were sent. */
export abstract class GatewayClient {
  /** What came under the event "exception". */
  readonly exceptions: { readonly message: string; readonly cause?: { pattern: string } }[] = [];
  /** Everything else that came, acknowledgements included, in order. */
  readonly answers: Record<string, unknown>[] = [];
  /** Why the connection was ended; undefined while it stands. */
  closedBy: string | undefined;
  #lastId = 0;

  /** What the handler answers to a message, or the message of the exception that comes instead. */
  async ask(event: string, data: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    const seen = this.exceptions.length;
    this.send(event, { ...data, id });
    return pollUntil(
      () => {
        const answer = this.answers.find((one) => one['id'] === id);
        if (answer) return { result: answer['result'] };
        const exception = this.exceptions[seen];
        return exception && { exception: exception.message };
      },
      { within: 4000, what: `an answer to ${event}`, every: 2 },
    );
  }

  /** Resolves with the reason when the server has ended the connection. */
  ended(within = 4000): Promise<string> {
    return pollUntil(() => this.closedBy, { within, what: 'the end of the connection', every: 2 });
  }

  abstract send(event: string, data: object): void;
  abstract close(): void;
}

/** Connects to a gateway on that port. */
export function connect(
  kind: SocketKind,
  url: string,
  headers: Record<string, string> = {},
): Promise<GatewayClient> {
  return kind === 'ws' ? WsClient.connect(url, headers) : IoClient.connect(url, headers);
}

class IoClient extends GatewayClient {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('exception', (exception) => this.exceptions.push(exception));
    socket.on('answer', (answer) => this.answers.push(answer));
    socket.on('disconnect', (reason) => (this.closedBy = reason));
  }

  static async connect(url: string, headers: Record<string, string>): Promise<GatewayClient> {
    const socket = io(url, {
      extraHeaders: headers,
      forceNew: true,
      reconnection: false,
      transports: ['websocket'],
      rejectUnauthorized: false,
    });
    const client = new IoClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', reject);
    });
    return client;
  }

  send(event: string, data: object): void {
    this.#socket.emit(event, data, (answer: Record<string, unknown>) => this.answers.push(answer));
  }

  close(): void {
    this.#socket.disconnect();
  }
}

class WsClient extends GatewayClient {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    socket.on('close', (code, reason) => (this.closedBy = `${code} ${reason.toString()}`));
  }

  static async connect(url: string, headers: Record<string, string>): Promise<GatewayClient> {
    const socket = new WebSocket(url.replace('http', 'ws'), {
      headers,
      rejectUnauthorized: false,
    });
    const client = new WsClient(socket);
    await once(socket, 'open');
    return client;
  }

  send(event: string, data: object): void {
    this.#socket.send(JSON.stringify({ event, data }));
  }

  close(): void {
    this.#socket.close();
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as Record<string, unknown>;
    if (message['event'] === 'exception') {
      this.exceptions.push(message['data'] as GatewayClient['exceptions'][number]);
    } else {
      this.answers.push((message['data'] ?? message) as Record<string, unknown>);
    }
  }
}
