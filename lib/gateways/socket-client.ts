import type { SessionHandshake } from '../interfaces/session-handshake.interface.js';

/** A connected client: a socket of socket.io, or a WebSocket of ws. */
export type SocketClient = object;

/** As far as they are needed; the packages themselves are not. */
interface SocketIoSocket {
  readonly request: unknown;
  emit(event: string, data: unknown): unknown;
  disconnect(close: boolean): unknown;
}

interface WebSocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** What a close frame says of a session that has ended: the client is not to speak on. */
const POLICY_VIOLATION = 1008;

/** The request that the connection began with; undefined where the client does not show it. */
export function handshakeOf(
  client: SocketClient,
  others: readonly unknown[],
): SessionHandshake | undefined {
  return [...others, (client as Partial<SocketIoSocket>).request].find(isHandshake);
}

/** Sends an error in the shape that the exception filters of Nest give it. */
export function sendException(client: SocketClient, data: object): void {
  if (!isWebSocket(client)) (client as SocketIoSocket).emit('exception', data);
  else if (client.readyState === 1) client.send(JSON.stringify({ event: 'exception', data }));
}

/** Ends the connection, after what was sent before. */
export function disconnect(client: SocketClient): void {
  if (isWebSocket(client)) client.close(POLICY_VIOLATION, 'The session has ended.');
  else (client as SocketIoSocket).disconnect(true);
}

function isHandshake(value: unknown): value is SessionHandshake {
  const { headers, socket } = (value ?? {}) as Partial<SessionHandshake>;
  return typeof headers === 'object' && typeof socket === 'object';
}

/** By what the standard has, as Nest tells them apart. */
function isWebSocket(client: SocketClient): client is WebSocketLike {
  const { readyState, send } = client as Partial<WebSocketLike>;
  return typeof readyState === 'number' && typeof send === 'function';
}
