import { IncomingMessage, ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';

/** What the requests and responses of an Express application inherit from. */
interface ExpressLike {
  request: object;
  response: object;
}

/**
 * The classes of an Express application's requests and responses, which have Express's prototypes
 * from the start. Others get them from Express, first of all, and are slow from then on: up to
 * Node.js 22 no two of them have the same layout in V8. Without that exchange a bare request costs
 * half as much or less.
 */
export class ExpressMessages {
  readonly #classes: readonly (readonly [usual: unknown, ours: unknown])[];

  /** To be made before main.ts may change the prototypes. */
  constructor(app: ExpressLike) {
    class ExpressRequest extends IncomingMessage {}
    class ExpressResponse extends ServerResponse {}
    app.request = becomeCopy(ExpressRequest.prototype, app.request);
    app.response = becomeCopy(ExpressResponse.prototype, app.response);
    letAssign(ExpressRequest.prototype);
    this.#classes = [
      [IncomingMessage, ExpressRequest],
      [ServerResponse, ExpressResponse],
    ];
  }

  static of(adapter: AbstractHttpAdapter): ExpressMessages | undefined {
    if (adapter.getType() !== 'express') return undefined;
    const app = adapter.getInstance<Partial<ExpressLike>>();
    return app.request && app.response ? new ExpressMessages(app as ExpressLike) : undefined;
  }

  /**
   * Has a server make them. It keeps its classes under symbols; where somebody gave it others, they
   * stay, and Express goes on exchanging prototypes.
   */
  serveFrom(server: object): void {
    for (const [usual, ours] of this.#classes) {
      const symbols = Object.getOwnPropertySymbols(server);
      const place = symbols.find((symbol) => Reflect.get(server, symbol) === usual);
      if (place) Reflect.set(server, place, ours);
    }
  }
}

/** The prototype of a class cannot be another object, but it can be like one. */
function becomeCopy(prototype: object, model: object): object {
  Reflect.deleteProperty(prototype, 'constructor');
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(model));
  return Object.setPrototypeOf(prototype, Reflect.getPrototypeOf(model)) as object;
}

/**
 * Listeners of 'upgrade', and of 'request' before Express, take their requests for Node's own and
 * may set a `query` on them. So what is read-only in Express 5 can be assigned here: it becomes a
 * property of that one request.
 */
function letAssign(prototype: object): void {
  const inherited = (): object | null => Reflect.getPrototypeOf(prototype);
  for (const name of readOnlyNames(inherited())) {
    if (Object.hasOwn(prototype, name)) continue;
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: object): unknown {
        // Asked anew each time: others may define it anew for all applications.
        return Reflect.get(inherited() ?? {}, name, this);
      },
      set(this: object, value: unknown) {
        const property = { value, configurable: true, enumerable: true, writable: true };
        Object.defineProperty(this, name, property);
      },
    });
  }
}

/** What has a getter and no setter, down to where Node's own begin. */
function readOnlyNames(holder: object | null): string[] {
  if (holder === null || holder === IncomingMessage.prototype) return [];
  const names = Object.getOwnPropertyNames(holder).filter((name) => {
    const property = Reflect.getOwnPropertyDescriptor(holder, name);
    return property?.get !== undefined && property.set === undefined;
  });
  return [...names, ...readOnlyNames(Reflect.getPrototypeOf(holder))];
}
