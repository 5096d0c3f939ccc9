import { EventEmitter, once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { GatedExchange } from '../../lib/http/gate/gated-exchange.js';
import { ResponseGates } from '../../lib/http/response-gates.js';

/** An exchange whose commits end when, and as, the test says. */
export class FakeExchange extends EventEmitter implements GatedExchange {
  isStored = true;
  readonly route = 'a request';
  /** What the gate called, in order. */
  readonly calls: string[] = [];
  #changes = 0;
  readonly #commits: { accept(): void; refuse(error: Error): void }[] = [];

  constructor(changes: number) {
    super();
    this.#changes = changes;
  }

  change(): void {
    this.#changes++;
  }

  hasChanges(): boolean {
    return this.#changes > 0;
  }

  commit(): Promise<void> {
    this.calls.push('commit');
    const changes = this.#changes;
    return new Promise((resolve, reject) => {
      this.#commits.push({
        accept: () => {
          this.#changes -= changes;
          this.isStored = true;
          resolve();
        },
        refuse: reject,
      });
      this.emit('commit');
    });
  }

  writeHeaders(response: ServerResponse): void {
    this.calls.push('writeHeaders');
    response.appendHeader('Set-Cookie', 'sid=fake');
  }

  onHeadersSent(): void {
    this.calls.push('onHeadersSent');
  }

  onEnded(): void {
    this.calls.push('onEnded');
    this.emit('ended');
  }

  get isEnded(): boolean {
    return this.calls.includes('onEnded');
  }

  get isCommitting(): boolean {
    return this.#commits.length > 0;
  }

  /** Ends the commit that runs, waiting for it where there is none yet. */
  async accept(): Promise<void> {
    (await this.#nextCommit()).accept();
  }

  async refuse(error: Error): Promise<void> {
    (await this.#nextCommit()).refuse(error);
  }

  async committing(): Promise<void> {
    if (this.#commits.length === 0) await once(this, 'commit');
  }

  async ended(): Promise<void> {
    if (!this.isEnded) await once(this, 'ended');
  }

  async #nextCommit(): Promise<{ accept(): void; refuse(error: Error): void }> {
    await this.committing();
    const commit = this.#commits.shift();
    if (commit === undefined) throw new Error('Another took the commit.');
    return commit;
  }
}

/** Remembers what was logged, as `level: message`. */
export class FakeLogger {
  readonly lines: string[] = [];

  error(message: unknown): void {
    this.lines.push(`error: ${String(message)}`);
  }

  warn(message: unknown): void {
    this.lines.push(`warn: ${String(message)}`);
  }
}

export interface Gated {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly exchange: FakeExchange;
  readonly logger: FakeLogger;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface GatedServer {
  readonly port: number;
  /** Whether requests come with a change, with none, or without a gate; and their handler. */
  serve(kind: 'changed' | 'unchanged' | 'ungated', handler: Handler): void;
  /** The next request, once its handler has been called. */
  next(): Promise<Gated>;
  close(): Promise<void>;
}

export async function startGatedServer(options: ServerOptions = {}): Promise<GatedServer> {
  const requests = new EventEmitter();
  let kind = 'changed';
  let handle: Handler | undefined;
  const server = createServer(options, (request, response) => {
    const exchange = new FakeExchange(kind === 'changed' ? 1 : 0);
    const logger = new FakeLogger();
    if (kind !== 'ungated') new ResponseGates(logger).admit(response).close(exchange);
    handle?.(request, response);
    requests.emit('request', { request, response, exchange, logger });
  });
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  await listen(server);
  return {
    port: (server.address() as AddressInfo).port,
    serve: (newKind, handler) => {
      kind = newKind;
      handle = handler;
    },
    next: async () => ((await once(requests, 'request')) as [Gated])[0],
    close: () => close(server),
  };
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** A client that shows the bytes as they come. */
export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #received = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close');
    socket.setEncoding('latin1');
    socket.on('data', (data) => (this.#received += String(data)));
    // A connection that was cut shows in what was received, and in `closed`.
    socket.on('error', () => undefined);
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  get received(): string {
    return this.#received;
  }

  /** Sends a request without a body, unless `more` ends in one. */
  send(line = 'GET /', more = 'Connection: close\r\n\r\n'): void {
    this.socket.write(`${line} HTTP/1.1\r\nHost: test\r\n${more}`);
  }

  /** Everything received, once it holds `text`. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (this.socket.destroyed) throw new Error(`The connection was closed before "${text}".`);
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
    return this.#received;
  }

  /** Everything received, once the connection is closed. */
  async all(): Promise<string> {
    await this.closed;
    return this.#received;
  }

  cut(): void {
    this.socket.destroy();
  }
}
