import type { ServerResponse } from 'node:http';
import type { GatedExchange, GateLogger } from './gated-exchange.js';
import { Gateway } from './gateway.js';
import { keepMethods } from './kept-methods.js';
import { type NativeMethods, nativeMethods, putMethods } from './native-methods.js';

type GatedResponse = ServerResponse & Record<symbol, Gateway | undefined>;

/**
 * Methods in the place of those through which responses send their bytes. One set of them serves all
 * responses: closures for each would cost more than a gate that is not used.
 */
export class GateLayer {
  readonly #logger: GateLogger;
  /** Under which each response has its gateway: a WeakMap costs ten times as much. */
  readonly #key = Symbol('session gateway');
  readonly #methods: NativeMethods;
  /** What the methods stand on, where that is not each response. */
  readonly #prototype: object | undefined;

  /** @param prototype what the responses inherit from; without it they are covered one by one */
  constructor(logger: GateLogger, prototype?: object) {
    this.#logger = logger;
    this.#prototype = prototype;
    this.#methods = this.#createMethods();
    if (prototype) putMethods(prototype, this.#methods);
  }

  /** Whether nothing stands between the callers of a response's methods and this layer. */
  isOutermostOf(response: ServerResponse): boolean {
    const { writeHead, write, end, flushHeaders } = nativeMethods(response);
    const own = this.#methods;
    return (
      writeHead === own.writeHead &&
      write === own.write &&
      end === own.end &&
      flushHeaders === own.flushHeaders
    );
  }

  /** Whether the response has a gateway here: a request may go through its application twice. */
  has(response: ServerResponse): boolean {
    return (response as GatedResponse)[this.#key] !== undefined;
  }

  admit(response: ServerResponse, exchange: GatedExchange): Gateway {
    const native = this.#nativeOf(response);
    const { writeHead: gatedWriteHead } = this.#methods;
    const gateway = new Gateway(response, exchange, {
      native,
      gatedWriteHead,
      logger: this.#logger,
    });
    (response as GatedResponse)[this.#key] = gateway;
    if (this.#prototype) keepMethods(response);
    else putMethods(response, this.#methods);
    return gateway;
  }

  /** Looked up each time: an application that is mounted in another one inherits from that one's. */
  #nativeOf(response: ServerResponse): NativeMethods {
    return nativeMethods(
      this.#prototype ? (Object.getPrototypeOf(this.#prototype) as ServerResponse) : response,
    );
  }

  #createMethods(): NativeMethods {
    const key = this.#key;
    const gatewayOf = (response: ServerResponse): Pick<Gateway, 'gate' | 'native'> =>
      (response as GatedResponse)[key] ?? { gate: undefined, native: this.#nativeOf(response) };
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
}
