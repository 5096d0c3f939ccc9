import { Connection } from './connection.js';
import type { Preparation, Slice, SliceResult } from './jobs.js';

/** As long as those of the libraries, and of no meaning to any of them. */
const FOREIGN_COOKIE = `other=${'x'.repeat(43)}`;

/** Connections to one server, each with the request that it sends again and again. */
export class Visitors {
  static async prepare({ port, route, connections, hasSeed }: Preparation): Promise<Visitors> {
    const opened = await Promise.all(
      Array.from({ length: connections }, () => Connection.open(port)),
    );
    const requests = await Promise.all(
      opened.map(async (connection) => {
        if (route.seed === undefined) return requestOf(route.method, route.path);
        const cookie = hasSeed ? await seed(connection, route.seed) : FOREIGN_COOKIE;
        return requestOf(route.method, route.path, cookie);
      }),
    );
    return new Visitors(opened, requests);
  }

  readonly #connections: readonly Connection[];
  readonly #requests: readonly Buffer[];

  private constructor(connections: readonly Connection[], requests: readonly Buffer[]) {
    this.#connections = connections;
    this.#requests = requests;
  }

  async run(slice: Slice): Promise<SliceResult> {
    const latencies: number[] = [];
    const sleepAgain = slice.isAwake ? keepAwake() : undefined;
    const start = performance.now();
    const end = start + (slice.milliseconds ?? Number.POSITIVE_INFINITY);
    let left = slice.count ?? Number.POSITIVE_INFINITY;
    let failures = 0;
    const goOn = (): boolean => performance.now() < end && left-- > 0;
    await Promise.all(
      this.#connections.map((connection, index) => {
        const request = this.#requests[slice.oneSession ? 0 : index] as Buffer;
        return new Promise<void>((resolve, reject) => {
          const next = (): void => {
            if (!goOn()) return resolve();
            const sent = performance.now();
            connection.send(
              request,
              ({ status }) => {
                latencies.push(performance.now() - sent);
                if (status !== 200) failures++;
                next();
              },
              reject,
            );
          };
          next();
        });
      }),
    );
    const milliseconds = performance.now() - start;
    sleepAgain?.();
    return { count: latencies.length, milliseconds, latencies, failures };
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

/**
 * Keeps this process looking for answers. One that sleeps between them is woken by the server's
 * writes, which the system counts as the server's work: the more, the slower the server is.
 */
function keepAwake(): () => void {
  let isOver = false;
  const look = (): void => {
    if (!isOver) setImmediate(look);
  };
  look();
  return () => (isOver = true);
}

async function seed(connection: Connection, path: string): Promise<string> {
  const { head, status } = await connection.request(requestOf('POST', path));
  const [, cookie] = /\r\nset-cookie: ([^;]+)/i.exec(head) ?? [];
  if (cookie !== undefined) return cookie;
  throw new Error(`${path} was answered with ${status} and without a cookie.`);
}

function requestOf(method: string, path: string, cookie?: string): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: bench',
    'Accept: application/json',
  ];
  if (cookie !== undefined) lines.push(`Cookie: ${cookie}`);
  if (method === 'POST') lines.push('Content-Length: 0');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}
