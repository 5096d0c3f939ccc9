import type { IncomingMessage } from 'node:http';
import { type ActiveExchange, exchangeStorage } from '../session.context.js';

const EXCHANGE = Symbol('session exchange');

type BodiedRequest = IncomingMessage & { [EXCHANGE]?: ActiveExchange };

/**
 * Has the events of a request's body run within its exchange. They come from the connection:
 * without this their listeners, and middleware that goes on in one of them, would be outside the
 * request. A request that goes through two applications belongs to the later one.
 */
export function bindBodyEvents(request: BodiedRequest, exchange: ActiveExchange): void {
  if (!hasBody(request)) return;
  const isBound = request[EXCHANGE] !== undefined;
  request[EXCHANGE] = exchange;
  if (isBound) return;
  const emit = request.emit.bind(request);
  request.emit = (name: string, ...values: unknown[]) =>
    exchangeStorage.run(request[EXCHANGE], emit, name, ...values);
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length } = headers;
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined;
}
