import type { IncomingMessage } from 'node:http';
import { type ActiveExchange, exchangeStorage } from '../session.context.js';

const EXCHANGE = Symbol('session exchange');

type BodiedRequest = IncomingMessage & { [EXCHANGE]?: ActiveExchange };

/**
 * A body comes in events that belong to the connection. What listens to them, and all that follows
 * such as the rest of the middleware, would be outside the request; with this it is within. A request
 * that goes through two applications belongs to the one that it has come to last.
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
