import type { ServerResponse } from 'node:http';
import { GateLayer } from './gate/gate-layer.js';
import type { GatedExchange, GateLogger } from './gate/gated-exchange.js';
import type { Gateway } from './gate/gateway.js';
import { nativeMethods } from './gate/native-methods.js';

export type { GatedExchange, GateLogger } from './gate/gated-exchange.js';
export type { Gateway } from './gate/gateway.js';

/**
 * The gates of one application's responses. A gate stands before the response's own `writeHead`,
 * `write`, `end` and `flushHeaders`, and so is to be there before other middleware wraps them.
 * Informational answers pass it by.
 */
export class ResponseGates {
  readonly #logger: GateLogger;
  readonly #onResponses: GateLayer;
  #onPrototype: GateLayer | undefined;

  constructor(logger: GateLogger) {
    this.#logger = logger;
    this.#onResponses = new GateLayer(logger);
  }

  /**
   * Puts the gates on what the responses inherit from. Express exchanges the prototype of every
   * response, after which V8 copies its whole layout for each property that is added: gates on the
   * responses themselves cost a fifth of a bare request there. Where others have put methods on the
   * prototype before, as another application does that shares the instance, theirs stay.
   */
  standOn(prototype: object): void {
    const methods = Object.keys(nativeMethods(prototype));
    if (methods.some((name) => Object.hasOwn(prototype, name))) return;
    this.#onPrototype = new GateLayer(this.#logger, prototype);
  }

  /** Makes the response one that can be held. */
  admit(response: ServerResponse, exchange: GatedExchange): Gateway {
    const onPrototype = this.#onPrototype;
    // Middleware of an instance that was handed in may have wrapped the methods already.
    const layer = onPrototype?.isOutermostOf(response) ? onPrototype : this.#onResponses;
    return (layer.has(response) ? new GateLayer(this.#logger) : layer).admit(response, exchange);
  }
}
