import type { ServerResponse } from 'node:http';
import type { GateLogger } from './gated-exchange.js';
import { Gateway } from './gateway.js';
import { type NativeMethods, nativeMethods, putMethods } from './native-methods.js';

type GatedResponse = ServerResponse & Record<symbol, Gateway | undefined>;

/**
 * Methods before those through which responses send their bytes. One set of them serves all
 * responses: closures for each would cost more than a gate that is not used.
 */
export class GateLayer {
  readonly #logger: GateLogger;
  /** Under which each response has its gateway: a WeakMap costs ten times as much. */
  readonly #key = Symbol('session gateway');
  readonly #methods: NativeMethods = gatedMethods(this.#key);

  constructor(logger: GateLogger) {
    this.#logger = logger;
  }

  gatewayOf(response: ServerResponse): Gateway | undefined {
    return (response as GatedResponse)[this.#key];
  }

  /** Puts the methods before those that the response has now. */
  cover(response: ServerResponse): Gateway {
    const gateway = new Gateway(response, {
      native: nativeMethods(response),
      gatedWriteHead: this.#methods.writeHead,
      logger: this.#logger,
    });
    (response as GatedResponse)[this.#key] = gateway;
    putMethods(response, this.#methods);
    return gateway;
  }
}

function gatedMethods(key: symbol): NativeMethods {
  const gatewayOf = (response: ServerResponse): Gateway =>
    (response as ServerResponse & Record<symbol, Gateway>)[key] as Gateway;
  return {
    writeHead(...args) {
      const { gate, native } = gatewayOf(this);
      if (gate) gate.writeHead(args);
      else native.writeHead.apply(this, args);
      return this;
    },
    write(...args) {
      const { gate, native } = gatewayOf(this);
      return gate ? gate.write(args) : native.write.apply(this, args);
    },
    end(...args) {
      const { gate, native } = gatewayOf(this);
      if (gate) gate.end(args);
      else native.end.apply(this, args);
      return this;
    },
    flushHeaders() {
      const { gate, native } = gatewayOf(this);
      if (gate) gate.flushHeaders();
      else native.flushHeaders.call(this);
    },
  };
}
