import type { INestApplicationContext } from '@nestjs/common';
import { persistentBagsOf } from '../decorators/persistent.decorator.js';
import type { SessionData } from '../interfaces/session-data.interface.js';
import type { SessionService } from '../session.service.js';
import { sessionsOf, UnsentRequest } from './unsent-request.js';

/**
 * What a prepared session holds.
 *
 * @publicApi
 */
export interface PreparedSession {
  /** Variables under their names, as the application itself would set them. */
  readonly variables?: Readonly<Partial<SessionData> & Record<string, unknown>>;

  /** The variables of bags, under the names of the bags. */
  readonly bags?: Readonly<Record<string, object>>;

  /** The bags of classes with `@Persistent()`: a Map, or pairs of a class, or its name, and values. */
  readonly persistent?: Iterable<readonly [owner: Function | string, values: object]>;

  /** Who is logged in. */
  readonly owner?: string;

  /** The session's own idle lifetime in seconds. */
  readonly lifetime?: number;

  /**
   * Whether the cookie is for requests over https, where it has another name.
   *
   * @default false
   */
  readonly https?: boolean;
}

/**
 * Stores a session of the application, and gives the Cookie header of a browser that has it.
 *
 * @param app whose options and store the session gets
 * @throws TypeError when there is nothing in it: such a session is not stored and has no cookie
 * @throws as `session.set` and `session.login` do
 * @publicApi
 */
export async function sessionCookie(
  app: INestApplicationContext,
  prepared: PreparedSession,
): Promise<string> {
  const { owner, https = false } = prepared;
  const request = new UnsentRequest(sessionsOf(app), { https });
  const session = await request.exchange.session.start();
  fill(session, prepared);
  if (owner === undefined) await session.save();
  else await session.login(owner);
  const cookie = request.setCookie?.split(';', 1)[0];
  if (cookie !== undefined) return cookie;
  throw new TypeError(
    'A session without variables and owner is not stored, so it has no cookie. Prepare one with ' +
      'variables, bags or an owner, or send no Cookie header.',
  );
}

function fill(session: SessionService, prepared: PreparedSession): void {
  const { variables = {}, bags = {}, persistent = [], lifetime } = prepared;
  for (const [name, value] of Object.entries(variables)) session.set(name, value);
  for (const [name, values] of Object.entries(bags)) session.bag(name).init({ ...values });
  for (const [owner, values] of persistent) {
    session.persistent(persistentName(owner)).init({ ...values });
  }
  if (lifetime !== undefined) session.setLifetime(lifetime);
}

/** The name that the decorator gives, if it gives one. */
function persistentName(owner: Function | string): string {
  if (typeof owner === 'string') return owner;
  const [name = owner.name, ...others] = new Set(persistentBagsOf(owner));
  if (others.length === 0) return name;
  throw new TypeError(
    `${owner.name} has several bags with @Persistent(). Say which one by its name, in place of the class.`,
  );
}
