import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.js';

/** What no longer flows: the server's answers, or the client's requests as well. */
export type Stall = 'answers' | 'both';

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  /** When the last answer so far reaches the client, so that none overtakes another. */
  deliveredAt: number;
}

interface Cut {
  bytesLeft: number;
  readonly done: () => void;
}

/** Stands between a client and a server on the loopback, and does what networks do. */
export class TcpProxy {
  /** Forwards to the port; `close()` it afterwards. */
  static async to(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port, await freePort());
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
  #cut: Cut | undefined;

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
    return new Promise((done) => {
      this.#cut = { bytesLeft: bytes, done };
    });
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
      link.client.resetAndDestroy();
      link.upstream.destroy();
    }
    await closed;
  }

  /** Ends whatever was set; what was held back flows. */
  async heal(): Promise<void> {
    this.#delay = 0;
    this.#cut = this.#stall = undefined;
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
    const link: Link = { client, upstream, deliveredAt: 0 };
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
    link.upstream.destroy();
    // What is on its way still arrives, after its delay.
    this.#after(link, () => link.client.destroySoon());
  }

  #deliver(link: Link, chunk: Buffer): void {
    const cut = this.#cut;
    if (!cut || chunk.length < cut.bytesLeft) {
      if (cut) cut.bytesLeft -= chunk.length;
      this.#after(link, () => link.client.write(chunk));
      return;
    }
    this.#cut = undefined;
    link.upstream.destroy();
    this.#after(link, () => {
      link.client.write(chunk.subarray(0, cut.bytesLeft));
      link.client.destroySoon();
      cut.done();
    });
  }

  #after(link: Link, deliver: () => void): void {
    const now = performance.now();
    link.deliveredAt = Math.max(link.deliveredAt, now + this.#delay);
    if (link.deliveredAt <= now) deliver();
    else setTimeout(deliver, link.deliveredAt - now).unref();
  }
}
