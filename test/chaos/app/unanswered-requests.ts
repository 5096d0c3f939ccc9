import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** The requests that a server has taken and to which not even the head of an answer was sent. */
export class UnansweredRequests {
  readonly #open = new Set<ServerResponse>();
  #cut = 0;

  constructor(server: Server) {
    server.prependListener('request', (_: IncomingMessage, response: ServerResponse) => {
      this.#open.add(response);
      response.once('close', () => {
        this.#open.delete(response);
        if (!response.headersSent) this.#cut++;
      });
    });
  }

  /** How many there are now. One that was cut last is not told of until the server has ended. */
  get count(): number {
    return this.#cut + Array.from(this.#open).filter(({ headersSent }) => !headersSent).length;
  }
}
