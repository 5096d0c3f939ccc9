import type { ServerResponse } from 'node:http';
import { nativeMethods, putMethods } from './native-methods.js';

/**
 * Has the response keep the methods that it inherits when it comes to another Express application.
 * One that is called like a handler, and not mounted, inherits nothing from the one around it, and
 * puts its own prototype under every response. Each sets `request.res` before: only then the methods
 * are put on the response itself, which is dear.
 */
export function keepMethods(response: ServerResponse): void {
  Object.defineProperty(response.req, 'res', {
    configurable: true,
    enumerable: true,
    get: () => response,
    set(this: object, value: unknown) {
      putMethods(response, nativeMethods(response));
      const property = { configurable: true, enumerable: true, writable: true, value };
      Object.defineProperty(this, 'res', property);
    },
  });
}
