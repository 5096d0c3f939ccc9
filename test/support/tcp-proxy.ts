import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';

/** What no longer flows: the server's answers, or the client's requests as well. */
export type Stall = 'answers' | 'both';

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  /** All that was delivered to the client so far, so that nothing overtakes. */
  delivered: Promise<void>;
}

/** What happens to the connection on which the last of these bytes of answers came. */
interface Limit {
  bytesLeft: number;
  readonly action: 'cut' | 'stall';
  readonly reached: () => void;
}

/** Stands between a client and a server on the loopback, and does what networks do. */
export class TcpProxy {
  /** Forwards to the port, from `from` or a port that is free; `close()` it afterwards. */
  static async to(port: number, from?: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port, from ?? (await freePort()));
    await proxy.heal();
    return proxy;
  }

  readonly port: number;
  readonly #target: number;
  readonly #links = new Set<Link>();
  #listener: Server | undefined;
  #accepted = 0;
  #delay = 0;
  #stall: Stall | undefined;
  #limit: Limit | undefined;

  constructor(target: number, port: number) {
    this.#target = target;
    this.port = port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#links.size;
  }

  /** All connections that ever came. */
  get accepted(): number {
    return this.#accepted;
  }

  /** From now on every answer takes that much longer. */
  delay(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  /**
   * Lets that many more bytes of answers through, of all connections together, and then closes the
   * connection that has reached the limit. Resolves when that has happened; the others go on.
   */
  cut(bytes: number): Promise<void> {
    return this.#limitTo(bytes, 'cut');
  }

  /** As `cut`, but the connection stays open, and gives no more answers until `heal()`. */
  stallAfter(bytes: number): Promise<void> {
    return this.#limitTo(bytes, 'stall');
  }

  /** Keeps the connections, and accepts new ones, but forwards nothing more. */
  stall(what: Stall = 'answers'): void {
    this.#stall = what;
    for (const link of this.#links) this.#hold(link);
  }

  /** Resets every connection and refuses new ones. */
  async drop(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const closed = listener && once(listener, 'close');
    listener?.close();
    for (const link of this.#links) {
      reset(link.client);
      link.upstream.destroy();
    }
    await closed;
  }

  /** Ends whatever was set; what was held back flows. */
  async heal(): Promise<void> {
    this.#delay = 0;
    this.#limit = this.#stall = undefined;
    for (const { client, upstream } of this.#links) {
      client.resume();
      upstream.resume();
    }
    if (this.#listener) return;
    this.#listener = createServer((client) => this.#link(client));
    await once(this.#listener.listen(this.port, '127.0.0.1'), 'listening');
  }

  async close(): Promise<void> {
    await this.drop();
  }

  #link(client: Socket): void {
    this.#accepted++;
    const upstream = connect(this.#target, '127.0.0.1');
    const link: Link = { client, upstream, delivered: Promise.resolve() };
    this.#links.add(link);
    client.setNoDelay(true).on('data', (chunk) => upstream.write(chunk));
    upstream.setNoDelay(true).on('data', (chunk) => this.#deliver(link, chunk));
    for (const socket of [client, upstream]) {
      // A reset also closes, and that is all that matters here.
      socket.on('error', () => {});
      socket.on('close', () => this.#unlink(link));
    }
    this.#hold(link);
  }

  #hold({ client, upstream }: Link): void {
    if (this.#stall) upstream.pause();
    if (this.#stall === 'both') client.pause();
  }

  #unlink(link: Link): void {
    this.#links.delete(link);
    // What is on its way still arrives, answers after their delay.
    link.upstream.destroySoon();
    this.#after(link, () => link.client.destroySoon());
  }

  #limitTo(bytes: number, action: Limit['action']): Promise<void> {
    return new Promise((reached) => {
      this.#limit = { bytesLeft: bytes, action, reached };
    });
  }

  #deliver(link: Link, chunk: Buffer): void {
    const limit = this.#limit;
    if (!limit || chunk.length < limit.bytesLeft) {
      if (limit) limit.bytesLeft -= chunk.length;
      this.#after(link, () => link.client.write(chunk));
      return;
    }
    this.#limit = undefined;
    if (limit.action === 'cut') link.upstream.destroy();
    else link.upstream.pause().unshift(chunk.subarray(limit.bytesLeft));
    this.#after(link, () => {
      link.client.write(chunk.subarray(0, limit.bytesLeft));
      if (limit.action === 'cut') link.client.destroySoon();
      limit.reached();
    });
  }

  #after(link: Link, deliver: () => void): void {
    const due = performance.now() + this.#delay;
    link.delivered = link.delivered.then(async () => {
      const left = due - performance.now();
      if (left > 0) await delay(left, undefined, { ref: false });
      deliver();
    });
  }
}

/** One that is ending cannot be reset: Node.js would neither close it nor ever end its process. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
