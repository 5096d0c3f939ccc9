import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ActiveExchange } from '../../session.context.js';
import { ResponseGate } from './gate.js';
import type { GatedExchange, GateSurroundings } from './gated-exchange.js';
import type { NativeMethods } from './native-methods.js';

/**
 * The place of one response's gate. Until it is closed the gate does not exist, and every call goes
 * straight through: a request that uses no session costs no more than this.
 */
export class GateSlot {
  /** Whether an exchange has it. */
  isTaken = false;
  /** The exchange that its request has come to last. */
  exchange: ActiveExchange | undefined;
  readonly #response: ServerResponse;
  readonly #around: GateSurroundings;
  #gate: ResponseGate | undefined;

  constructor(response: ServerResponse, around: GateSurroundings) {
    this.#response = response;
    this.#around = around;
  }

  get gate(): ResponseGate | undefined {
    return this.#gate;
  }

  get native(): NativeMethods {
    return this.#around.native;
  }

  /** From now on the answer is held back until the store has accepted the exchange's changes. */
  close(exchange: GatedExchange): void {
    const response = this.#response;
    const gate = new ResponseGate(response, exchange, this.#around);
    this.#gate = gate;
    if ('writeHeader' in response) (response as OldNames).writeHeader = writeHeader;
    const onClose = (): void => gate.onClose();
    response.on('close', onClose);
    if (response.closed) gate.onClose();
    else if (response.socket === null) whenLeftBehind(response, onClose);
  }
}

interface OldNames {
  /** Node's old name of `writeHead`, up to Node.js 24; it would lead past the gate. */
  writeHeader?: Function;
}

function writeHeader(this: ServerResponse, ...args: [status: number]): ServerResponse {
  return this.writeHead(...args);
}

/** Up to Node.js 22 an answer that waits behind others is not told that their connection is closed. */
function whenLeftBehind(response: ServerResponse, onClose: () => void): void {
  const { socket } = response.req;
  // What stands in for a server may give requests something else.
  if (!(socket instanceof EventEmitter)) return;
  if (socket.closed) return onClose();
  // As many may wait as the client has sent requests.
  socket.setMaxListeners(0).on('close', onClose);
  response.on('close', () => socket.off('close', onClose));
}
