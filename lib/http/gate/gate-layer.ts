import type { ServerResponse } from 'node:http';
import type { GateSurroundings } from './gated-exchange.js';
import { GateSlot } from './gate-slot.js';
import { type NativeMethods, nativeMethods, putMethods } from './native-methods.js';

/** What the gates of an application have in common. */
export type SharedByGates = Pick<GateSurroundings, 'logger' | 'looks'>;

type GatedResponse = ServerResponse & Record<symbol, GateSlot | undefined>;

/**
 * Puts methods of its own before the four through which a response sends its bytes. One set of them
 * serves all responses: closures for each would cost more than a gate that is not used.
 */
export class GateLayer {
  readonly #shared: SharedByGates;
  /** Under which each response has its slot: a WeakMap costs ten times as much. */
  readonly #key = Symbol('session gate');
  readonly #methods: NativeMethods = gatedMethods(this.#key);

  constructor(shared: SharedByGates) {
    this.#shared = shared;
  }

  slotOf(response: ServerResponse): GateSlot | undefined {
    return (response as GatedResponse)[this.#key];
  }

  /** Puts the methods before those that the response has now. */
  cover(response: ServerResponse): GateSlot {
    const { logger, looks } = this.#shared;
    const slot = new GateSlot(response, {
      native: nativeMethods(response),
      gatedWriteHead: this.#methods.writeHead,
      logger,
      looks,
    });
    (response as GatedResponse)[this.#key] = slot;
    putMethods(response, this.#methods);
    return slot;
  }
}

function gatedMethods(key: symbol): NativeMethods {
  const slotOf = (response: ServerResponse): GateSlot =>
    (response as ServerResponse & Record<symbol, GateSlot>)[key] as GateSlot;
  return {
    writeHead(...args) {
      const { gate, native } = slotOf(this);
      if (gate) gate.writeHead(args);
      else native.writeHead.apply(this, args);
      return this;
    },
    write(...args) {
      const { gate, native } = slotOf(this);
      return gate ? gate.write(args) : native.write.apply(this, args);
    },
    end(...args) {
      const { gate, native } = slotOf(this);
      if (gate) gate.end(args);
      else native.end.apply(this, args);
      return this;
    },
    flushHeaders() {
      const { gate, native } = slotOf(this);
      if (gate) gate.flushHeaders();
      else native.flushHeaders.call(this);
    },
  };
}
