import type { ServerResponse } from 'node:http';
import type { GatedExchange, GateLogger } from './gate/gated-exchange.js';
import { type NativeMethods, nativeMethods } from './gate/native-methods.js';
import { ResponseGate } from './gate/gate.js';

export type { GatedExchange, GateLogger } from './gate/gated-exchange.js';

const GATEWAY = Symbol('ResponseGateway');

interface GatedResponse extends ServerResponse {
  [GATEWAY]: ResponseGateway;
}

/**
 * The place of the gate: before the response's own `writeHead`, `write`, `end` and `flushHeaders`,
 * and so to be put there before other middleware wraps them. Informational answers pass it by.
 *
 * Until it is closed, every call goes straight through, and the gate itself does not exist: a request
 * that uses no session costs no more than this.
 */
export class ResponseGateway {
  readonly native: NativeMethods;
  readonly #response: ServerResponse;
  readonly #exchange: GatedExchange;
  readonly #logger: GateLogger;
  readonly #methods: GatedMethods;
  #gate: ResponseGate | undefined;

  constructor(response: ServerResponse, exchange: GatedExchange, logger: GateLogger) {
    this.native = nativeMethods(response);
    this.#response = response;
    this.#exchange = exchange;
    this.#logger = logger;
    const isMounted = GATEWAY in response;
    this.#methods = isMounted ? gatedMethods(() => this) : sharedMethods;
    if (!isMounted) (response as GatedResponse)[GATEWAY] = this;
    const methods = response as { -readonly [Name in keyof NativeMethods]: unknown };
    methods.writeHead = this.#methods.writeHead;
    methods.write = this.#methods.write;
    methods.end = this.#methods.end;
    methods.flushHeaders = this.#methods.flushHeaders;
  }

  get gate(): ResponseGate | undefined {
    return this.#gate;
  }

  /** From now on the answer is held back until the store has accepted the exchange's changes. */
  close(): void {
    const response = this.#response;
    const { native } = this;
    const { ungatedWriteHead, onClose } = this.#methods;
    const how = { native, ungatedWriteHead, logger: this.#logger };
    this.#gate = new ResponseGate(response, this.#exchange, how);
    response.on('close', onClose);
    if (response.closed) this.#gate.onClose();
  }
}

interface GatedMethods extends NativeMethods {
  /** Stands for `writeHead` while Node writes, on its own account, the head of an answer that may go. */
  readonly ungatedWriteHead: NativeMethods['writeHead'];
  readonly onClose: (this: ServerResponse) => void;
}

// One set of methods for all responses: closures for each would cost more than the unused gate. Only
// the gate of an application that is mounted in another one stands before that one's, with its own.
const sharedMethods = gatedMethods((response) => (response as GatedResponse)[GATEWAY]);

function gatedMethods(gatewayOf: (response: ServerResponse) => ResponseGateway): GatedMethods {
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
    ungatedWriteHead() {
      gatewayOf(this).gate?.sendHead();
      return this;
    },
    onClose() {
      gatewayOf(this).gate?.onClose();
    },
  };
}
