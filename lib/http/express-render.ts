import type { AbstractHttpAdapter } from '@nestjs/core';
import { isBag } from '../bag.js';

/** As far as they are needed; the package itself is not. */
interface ResponseLike {
  readonly req?: { readonly session?: unknown };
  readonly render?: Function;
}

/**
 * Gives `response.render()` of an Express application copies of bags and of `req.session`, which
 * `@Render()` may hand on to it: Express puts a property of its own on what it is given, and that
 * would be stored. To be called before main.ts may change the prototype of responses.
 */
export function renderCopies(adapter: AbstractHttpAdapter): void {
  if (adapter.getType() !== 'express') return;
  const { response } = adapter.getInstance<{ readonly response?: ResponseLike }>();
  if (response?.render === undefined) return;
  const own = Object.hasOwn(response, 'render') ? response.render : undefined;
  const ours = function (this: ResponseLike, view: string, locals?: unknown, ...rest: unknown[]) {
    const isStored = isBag(locals) || (locals !== undefined && locals === this.req?.session);
    const given = isStored ? { ...(locals as object) } : locals;
    // Asked anew each time: others may define it anew for all applications.
    const render = own ?? (Reflect.getPrototypeOf(response) as Required<ResponseLike>).render;
    return Reflect.apply(render, this, [view, given, ...rest]) as unknown;
  };
  Object.defineProperty(response, 'render', { value: ours, configurable: true, writable: true });
}
