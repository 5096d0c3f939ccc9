import type { ServerResponse } from 'node:http';
import type { ActiveExchange } from '../session.context.js';
import { GateLayer, type SharedByGates } from './gate/gate-layer.js';
import type { GateSlot } from './gate/gate-slot.js';
import { RepeatedLooks } from './gate/repeated-looks.js';
import type { LossLogger } from './loss-reports.js';

/**
 * The gates of one application's responses. A gate stands before the response's own `writeHead`,
 * `write`, `end` and `flushHeaders`. Informational answers pass it by.
 */
export class ResponseGates {
  readonly #shared: SharedByGates;
  readonly #layer: GateLayer;

  constructor(logger: LossLogger) {
    this.#shared = { logger, looks: new RepeatedLooks() };
    this.#layer = new GateLayer(this.#shared);
  }

  /** Makes room for a gate, before anybody else wraps the response's methods. */
  cover(response: ServerResponse): void {
    if (!this.#layer.slotOf(response)) this.#layer.cover(response);
  }

  /**
   * The way to the gate of a response, for one exchange. A request that goes through its application
   * twice has two exchanges, and its response two gates.
   */
  admit(response: ServerResponse, exchange?: ActiveExchange): GateSlot {
    const known = this.#layer.slotOf(response) ?? this.#layer.cover(response);
    const slot = known.isTaken ? new GateLayer(this.#shared).cover(response) : known;
    slot.isTaken = true;
    known.exchange = exchange;
    return slot;
  }

  /** The exchange of this application to which a response belongs; the later one of two. */
  exchangeOf(response: ServerResponse): ActiveExchange | undefined {
    return this.#layer.slotOf(response)?.exchange;
  }
}
