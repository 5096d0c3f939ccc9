import type { ServerResponse } from 'node:http';
import { type GateSurroundings, ResponseGate } from './gate.js';
import type { GatedExchange } from './gated-exchange.js';
import type { NativeMethods } from './native-methods.js';

/** Where gateways stand. */
export interface GatewayHost extends Omit<GateSurroundings, 'native'> {
  /**
   * Sees to it that calls lead to the response's gateway as long as there is an answer to come.
   * False: they do not lead there even now.
   */
  keep(response: ServerResponse): boolean;
  /** A gateway before all that is on the response by now. */
  admitInFront(response: ServerResponse, exchange: GatedExchange): Gateway;
}

/**
 * The place of one response's gate. Until it is closed the gate does not exist, and every call goes
 * straight through: a request that uses no session costs no more than this.
 */
export class Gateway {
  readonly native: NativeMethods;
  readonly #response: ServerResponse;
  readonly #exchange: GatedExchange;
  readonly #host: GatewayHost;
  #gate: ResponseGate | undefined;

  constructor(
    response: ServerResponse,
    exchange: GatedExchange,
    host: GatewayHost,
    native: NativeMethods,
  ) {
    this.#response = response;
    this.#exchange = exchange;
    this.#host = host;
    this.native = native;
  }

  get gate(): ResponseGate | undefined {
    return this.#gate;
  }

  /** From now on the answer is held back until the store has accepted the exchange's changes. */
  close(): void {
    const response = this.#response;
    const exchange = this.#exchange;
    const { gatedWriteHead, logger } = this.#host;
    if (!this.#host.keep(response)) return this.#host.admitInFront(response, exchange).close();
    const around = { native: this.native, gatedWriteHead, logger };
    const gate = new ResponseGate(response, exchange, around);
    this.#gate = gate;
    response.on('close', () => gate.onClose());
    if (response.closed) gate.onClose();
  }
}
