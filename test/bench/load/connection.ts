import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface Answer {
  readonly status: number;
  readonly head: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One kept-alive connection that sends ready-made requests, one at a time. It looks at an answer
 * just as much as finding its end takes, so that the load costs little beside the server.
 */
export class Connection {
  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  readonly #socket: Socket;
  #received: Buffer | undefined;
  #answered: ((answer: Answer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('The server closed the connection.')));
  }

  /** Calls back, and makes no promise: that would be half of what the load costs. */
  send(request: Buffer, answered: (answer: Answer) => void, failed: (error: Error) => void): void {
    if (this.#socket.destroyed) return failed(new Error('The server has closed the connection.'));
    this.#answered = answered;
    this.#failed = failed;
    this.#socket.write(request);
  }

  request(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => this.send(request, resolve, reject));
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const all = this.#received ? Buffer.concat([this.#received, bytes]) : bytes;
    const headLength = all.indexOf(HEAD_END) + HEAD_END.length;
    const head = headLength < HEAD_END.length ? undefined : all.toString('latin1', 0, headLength);
    if (head === undefined || all.length < headLength + bodyLength(head)) {
      this.#received = all;
      return;
    }
    this.#received = undefined;
    const answered = this.#answered;
    answered?.({ status: Number(head.slice(9, 12)), head });
  }
}

function bodyLength(head: string): number {
  const match = /\r\ncontent-length: (\d+)/i.exec(head);
  if (match) return Number(match[1]);
  throw new Error(`An answer without Content-Length:\n${head}`);
}
