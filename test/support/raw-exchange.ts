import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pollUntil } from './poll.js';

/** The bytes of a conversation with a server, seen as they come. */
export class RawExchange {
  readonly socket: Socket;
  #received = '';
  #end: 'open' | 'ended' | 'reset' = 'open';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
    });
    socket.on('error', () => {
      this.#end = 'reset';
    });
    socket.on('close', () => {
      if (this.#end === 'open') this.#end = 'ended';
    });
  }

  static async open(port: number): Promise<RawExchange> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawExchange(socket);
  }

  /** What has come until now, one character a byte. */
  get received(): string {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.#end !== 'open';
  }

  /** Sends these lines as a request's head; the last header says that the connection ends with it. */
  request(line: string, headers: readonly string[] = [], body = ''): void {
    const lines = [`${line} HTTP/1.1`, 'Host: localhost', ...headers, 'Connection: close'];
    this.send(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  send(latin1: string): void {
    this.socket.write(latin1, 'latin1');
  }

  /** Resolves when the text has come. */
  async waitFor(text: string): Promise<void> {
    await pollUntil(() => this.#received.includes(text), {
      within: 5000,
      every: 2,
      what: `the text ${JSON.stringify(text)} in ${JSON.stringify(this.#received.slice(0, 2000))}`,
    });
  }

  /** What came until the server closed the connection. */
  async toEnd(): Promise<string> {
    await pollUntil(() => this.isClosed, {
      within: 10_000,
      every: 2,
      what: 'the end of the answer',
    });
    return this.#received;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A whole request on a connection of its own, and the bytes of its answer. */
export async function rawRequest(
  port: number,
  line: string,
  headers: readonly string[] = [],
  body = '',
): Promise<string> {
  const exchange = await RawExchange.open(port);
  exchange.request(line, headers, body);
  return exchange.toEnd();
}

/** The status of the final answer in the bytes of an exchange; informational ones are passed over. */
export function statusOf(bytes: string): number {
  const statuses = Array.from(bytes.matchAll(/^HTTP\/1\.1 (\d{3})/gm), ([, status]) =>
    Number(status),
  );
  return statuses.find((status) => status >= 200) ?? 0;
}

/** The values of a header in the final answer. */
export function headersOf(bytes: string, name: string): string[] {
  const head = finalAnswer(bytes).split('\r\n\r\n', 1)[0] ?? '';
  const prefix = `${name.toLowerCase()}: `;
  return head
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(prefix))
    .map((line) => line.slice(prefix.length));
}

/** The body of the final answer, without the frames of its chunks. */
export function bodyOf(bytes: string): string {
  const answer = finalAnswer(bytes);
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  return headersOf(bytes, 'Transfer-Encoding').includes('chunked') ? joinChunks(body) : body;
}

/** Whether an answer that tells its length, or is chunked, has come to its end and was not cut off. */
export function isWhole(bytes: string): boolean {
  const [length] = headersOf(bytes, 'Content-Length');
  return length === undefined
    ? bytes.endsWith('0\r\n\r\n')
    : bodyOf(bytes).length === Number(length);
}

function joinChunks(body: string): string {
  let text = '';
  for (let rest = body; rest !== '';) {
    const size = Number.parseInt(rest, 16);
    const start = rest.indexOf('\r\n') + 2;
    text += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
  return text;
}

function finalAnswer(bytes: string): string {
  return bytes.replace(/^(?:HTTP\/1\.1 1\d\d[^]*?\r\n\r\n)+/, '');
}
