import type { ServerResponse } from 'node:http';
import type { GatedExchange, GateLogger } from './gate/gated-exchange.js';
import type { NativeMethods } from './gate/native-methods.js';
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
  const isMounted = GATE in response;
  const methods = isMounted ? gatedMethods(() => gate) : sharedMethods;
  const gate: ResponseGate = new ResponseGate(response, exchange, logger, methods.ungatedWriteHead);
  if (!isMounted) (response as GatedResponse)[GATE] = gate;
  const { writeHead, write, end, flushHeaders } = methods;
  Object.assign(response, { writeHead, write, end, flushHeaders });
  response.on('close', methods.onClose);
  if (response.closed) gate.onClose();
}

interface GatedMethods extends NativeMethods {
  /** Stands for `writeHead` while Node writes, on its own account, the head of an answer that may go. */
  readonly ungatedWriteHead: NativeMethods['writeHead'];
  readonly onClose: (this: ServerResponse) => void;
}

// One set of methods for all responses: closures for each would cost more than the unused gate. Only
// the gate of an application that is mounted in another one stands before that one's, with its own.
const sharedMethods = gatedMethods((response) => (response as GatedResponse)[GATE]);

function gatedMethods(gateOf: (response: ServerResponse) => ResponseGate): GatedMethods {
  return {
    writeHead(...args) {
      gateOf(this).writeHead(args);
      return this;
    },
    write(...args) {
      return gateOf(this).write(args);
    },
    end(...args) {
      gateOf(this).end(args);
      return this;
    },
    flushHeaders() {
      gateOf(this).flushHeaders();
    },
    ungatedWriteHead() {
      gateOf(this).sendHead();
      return this;
    },
    onClose() {
      gateOf(this).onClose();
    },
  };
}
