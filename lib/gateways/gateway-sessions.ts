import {
  Inject,
  Injectable,
  Logger,
  type WebSocketAdapter,
  type WsMessageHandler,
} from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { explain } from '../http/loss-reports.js';
import { SESSION_SETTINGS } from '../session.constants.js';
import type { SessionSettings } from '../session.options.js';
import { SessionEnds } from '../store/session-ends.js';
import { wrapConnectionHooks } from './connection-hooks.js';
import { HandshakeRuns } from './handshake-runs.js';
import { runHook, withSession } from './message-answer.js';
import { disconnect, handshakeOf, type SocketClient } from './socket-client.js';
import { SocketSession, type SocketServices } from './socket-session.js';
import { SocketWatch } from './socket-watch.js';

type SocketAdapter = WebSocketAdapter<object, SocketClient>;
type OnClient = (client: SocketClient, ...others: unknown[]) => void;

/**
 * Gives every message of a gateway an exchange over the session of its client's handshake. It stands
 * between Nest and whichever socket adapter the application uses, so that guards are within it, too.
 */
@Injectable()
export class GatewaySessions implements SocketServices {
  readonly #modules: ModulesContainer;
  readonly #logger = new Logger('SessionModule');
  readonly #joined = new WeakSet<SocketAdapter>();
  #hasBegun = false;
  #prepare = (): void => {};
  readonly #sockets = new WeakMap<SocketClient, SocketSession>();

  constructor(
    config: ApplicationConfig,
    modules: ModulesContainer,
    readonly runs: HandshakeRuns,
    readonly ends: SessionEnds,
    readonly watch: SocketWatch,
    @Inject(SESSION_SETTINGS) readonly settings: SessionSettings,
  ) {
    this.#modules = modules;
    // Neither main.ts nor Nest has set the adapter when providers are made, and clients come later.
    const setIoAdapter = config.setIoAdapter.bind(config);
    config.setIoAdapter = (adapter: SocketAdapter) => {
      this.#begin();
      if (!this.#joined.has(adapter)) this.#join(adapter);
      setIoAdapter(adapter);
    };
  }

  /** Has this called when gateways are there, and before Nest looks at what they have. */
  beforeFirst(prepare: () => void): void {
    this.#prepare = prepare;
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#prepare();
    wrapConnectionHooks(this.#modules, (client, name, hook) => {
      const socket = this.#sockets.get(client);
      return socket ? runHook({ client, socket }, name, hook) : hook();
    });
  }

  #join(adapter: SocketAdapter): void {
    this.#joined.add(adapter);
    const bindClientConnect = adapter.bindClientConnect.bind(adapter);
    const bindMessageHandlers = adapter.bindMessageHandlers.bind(adapter);
    adapter.bindClientConnect = (server, onClient: OnClient): unknown => {
      return bindClientConnect(server, (client: SocketClient, ...others: unknown[]) => {
        this.#meet(adapter, client, others);
        onClient(client, ...others);
      });
    };
    adapter.bindMessageHandlers = (client, handlers, transform): unknown => {
      return bindMessageHandlers(client, this.#withSession(client, handlers), transform);
    };
  }

  /** Several gateways on one server meet the same client. */
  #meet(adapter: SocketAdapter, client: SocketClient, others: readonly unknown[]): void {
    const handshake = handshakeOf(client, others);
    if (handshake === undefined || this.#sockets.has(client)) return;
    const cookies = this.runs.cookiesOf(handshake);
    const socket = new SocketSession(cookies, this, () => this.#disconnect(client));
    this.#sockets.set(client, socket);
    adapter.bindClientDisconnect?.(client, () => socket.close());
  }

  /** Listeners of the application hear of it at once, and their faults are not those of a logout. */
  #disconnect(client: SocketClient): void {
    try {
      disconnect(client);
    } catch (error) {
      this.#logger.error(`The socket of an ended session was not closed. ${explain(error)}`);
    }
  }

  #withSession(client: SocketClient, handlers: WsMessageHandler[]): WsMessageHandler[] {
    const socket = this.#sockets.get(client);
    if (socket === undefined) return handlers;
    return handlers.map((handler) => withSession({ client, socket }, handler));
  }
}
