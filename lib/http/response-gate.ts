import type { ServerResponse } from 'node:http';
import type { GatedExchange, GateLogger } from './gate/gated-exchange.js';
import type { BodyArguments, HeadArguments } from './gate/native-methods.js';
import { ResponseGate } from './gate/gate.js';

export type { GatedExchange, GateLogger } from './gate/gated-exchange.js';

const GATE = Symbol('ResponseGate');

interface GatedResponse extends ServerResponse {
  [GATE]: ResponseGate;
}

/**
 * Holds back the answer until the store has accepted the changes of its exchange.
 *
 * The gate stands before the response's own `writeHead`, `write`, `end` and `flushHeaders`, so it has
 * to be put there before other middleware wraps them. Informational answers pass it by.
 */
export function gateResponse(
  response: ServerResponse,
  exchange: GatedExchange,
  logger: GateLogger,
): void {
  const gate = new ResponseGate(response, exchange, logger, ungatedWriteHead);
  (response as GatedResponse)[GATE] = gate;
  response.writeHead = gatedWriteHead;
  response.write = gatedWrite as ServerResponse['write'];
  response.end = gatedEnd as ServerResponse['end'];
  response.flushHeaders = gatedFlushHeaders;
  response.on('close', onClose);
  if (response.closed) gate.onClose();
}

// One set of functions for all responses: closures for each would cost more than the unused gate.

function gatedWriteHead(this: GatedResponse, ...args: HeadArguments): ServerResponse {
  this[GATE].writeHead(args);
  return this;
}

function gatedWrite(this: GatedResponse, ...args: BodyArguments): boolean {
  return this[GATE].write(args);
}

function gatedEnd(this: GatedResponse, ...args: BodyArguments): ServerResponse {
  this[GATE].end(args);
  return this;
}

function gatedFlushHeaders(this: GatedResponse): void {
  this[GATE].flushHeaders();
}

/** Stands for `writeHead` while Node writes, on its own account, the head of an answer that may go. */
function ungatedWriteHead(this: ServerResponse): ServerResponse {
  (this as GatedResponse)[GATE].sendHead();
  return this;
}

function onClose(this: ServerResponse): void {
  (this as GatedResponse)[GATE].onClose();
}
