import { afterEach, beforeEach } from '@jest/globals';
import {
  type Gated,
  type GatedServer,
  type Handler,
  RawClient,
  startGatedServer,
} from './gated-server.js';

/** A gated server with one client that shows the bytes it gets, new for each test of a file. */
export class GatedConversation {
  static use(): GatedConversation {
    const conversation = new GatedConversation();
    beforeEach(() => conversation.#begin());
    afterEach(() => conversation.#end());
    return conversation;
  }

  server!: GatedServer;
  client!: RawClient;

  private constructor() {}

  /** Sends a request, which comes with a change or without; resolves once its handler was called. */
  async request(
    kind: Parameters<GatedServer['serve']>[0],
    handler: Handler,
    line?: string,
  ): Promise<Gated> {
    this.server.serve(kind, handler);
    const coming = this.server.next();
    this.client.send(line);
    return coming;
  }

  async #begin(): Promise<void> {
    this.server = await startGatedServer();
    this.client = await RawClient.connect(this.server.port);
  }

  async #end(): Promise<void> {
    this.client.cut();
    await this.server.close();
  }
}
