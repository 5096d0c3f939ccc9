import type { AbstractHttpAdapter } from '@nestjs/core';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';

/** What is needed of a Fastify instance; the package itself is not. */
interface FastifyLike {
  hasRequestDecorator(name: string): boolean;
  decorateRequest(name: string, accessors: object): void;
}

interface FastifyRequestLike {
  readonly raw: { session?: unknown };
}

/**
 * Lets `request.session` of Fastify, and so Nest's `@Session()`, be what stands on the raw request.
 * To be called once the application is initialized: by then other plugins have put theirs there.
 *
 * @throws InvalidSessionOptionsException when a plugin has put its own session there
 */
export function offerOnFastify(adapter: AbstractHttpAdapter): void {
  if (adapter.getType() !== 'fastify') return;
  const fastify: FastifyLike = adapter.getInstance();
  if (fastify.hasRequestDecorator('session')) {
    throw new InvalidSessionOptionsException(
      'autoStart puts the session on request.session, but another plugin has decorated that. ' +
        'Remove the other session plugin, or switch autoStart off.',
    );
  }
  fastify.decorateRequest('session', {
    getter(this: FastifyRequestLike): unknown {
      return this.raw.session;
    },
    setter(this: FastifyRequestLike, session: unknown): void {
      this.raw.session = session;
    },
  });
}
