/**
 * The HTTP request that a connection began with, as Node.js has it: of a socket of socket.io that is
 * `client.request`, of one of ws the second argument of `handleConnection`.
 *
 * @publicApi
 */
export interface SessionHandshake {
  readonly headers: { readonly cookie?: string | undefined };
  readonly socket: object;
}
