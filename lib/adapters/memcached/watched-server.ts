import type { Socket } from 'node:net';
import { Server } from 'memjs';
import { GroupedWrites } from '../grouped-writes.js';
import type { Credentials } from './memcached-options.js';
import type { ServerAddress } from './server-address.js';

/**
 * The timers of memjs start anew with every write and so never end a busy stall. They are set out
 * of the way: the longest that Node takes, in seconds.
 */
const NEVER = 2_147_483;

/**
 * The server of memjs, for one socket only. memjs itself loses what is in flight when the other
 * side closes, and keeps half an answer for the next socket, where it is read out of step.
 */
export class WatchedServer extends Server {
  /** memjs keeps its socket here. */
  declare protected readonly _socket?: Socket;
  readonly #onBroken: () => void;
  readonly #writes = new GroupedWrites();
  #watched: Socket | undefined;

  /** `onBroken` is called before what is in flight fails. */
  constructor(
    { host, port }: ServerAddress,
    credentials: Credentials | undefined,
    onBroken: () => void,
  ) {
    super(host, port, undefined, undefined, {
      timeout: NEVER,
      conntimeout: NEVER,
      keepAlive: true,
    });
    this.#onBroken = onBroken;
    // memjs reads the environment where no credentials are given; these come after.
    Object.assign(this, {
      username: credentials?.username,
      password: credentials?.password,
    });
  }

  /** Whether commands wait for the end of this turn, to leave together. */
  get isHolding(): boolean {
    return this.#writes.isHolding;
  }

  override sock(sasl: boolean, go: (socket: Socket) => void): void {
    super.sock(sasl, (connected) => {
      this.#writes.hold(connected);
      go(connected);
    });
    const { _socket: socket } = this;
    if (socket && !this.#watched) this.#watch(socket);
  }

  /** Fails what is in flight and destroys the socket; the server is of no use afterwards. */
  override error(reason: Error): void {
    this.#onBroken();
    super.error(reason);
  }

  #watch(socket: Socket): void {
    this.#watched = socket;
    socket.setNoDelay(true);
    const lost = (): void => this.error(new Error('The server closed the connection.'));
    socket.once('end', lost);
    socket.once('close', lost);
  }
}
