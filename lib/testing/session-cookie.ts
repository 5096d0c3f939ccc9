import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
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

  /**
   * The bags of classes with `@Persistent()`: a Map, or pairs of a class, or the name of a bag that
   * the application has, and values.
   */
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
 * @throws TypeError when there is nothing in it: such a session is not stored and has no cookie; and
 * for the name of a persistent bag that no class has
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
  fill(app, session, prepared);
  if (owner === undefined) await session.save();
  else await session.login(owner);
  const cookie = request.setCookie?.split(';', 1)[0];
  if (cookie !== undefined) return cookie;
  throw new TypeError(
    'A session without variables and owner is not stored, so it has no cookie. Prepare one with ' +
      'variables, bags or an owner, or send no Cookie header.',
  );
}

function fill(
  app: INestApplicationContext,
  session: SessionService,
  prepared: PreparedSession,
): void {
  const { variables = {}, bags = {}, persistent = [], lifetime } = prepared;
  for (const [name, value] of Object.entries(variables)) session.set(name, value);
  for (const [name, values] of Object.entries(bags)) session.bag(name).init({ ...values });
  for (const [owner, values] of persistent) {
    session.persistent(persistentName(app, owner)).init({ ...values });
  }
  if (lifetime !== undefined) session.setLifetime(lifetime);
}

/** The name that the decorator gives, if it gives one. */
function persistentName(app: INestApplicationContext, owner: Function | string): string {
  if (typeof owner === 'string') return knownName(app, owner);
  const [name = owner.name, ...others] = new Set(persistentBagsOf(owner));
  if (others.length === 0) return name;
  throw new TypeError(
    `${owner.name} has several bags with @Persistent(). Say which one by its name, in place of the class.`,
  );
}

/** A misspelled name would prepare a bag that nobody reads. */
function knownName(app: INestApplicationContext, name: string): string {
  const known = persistentNames(app);
  if (known.has(name)) return name;
  const there = known.size === 0 ? 'There is none.' : `There are: ${[...known].join(', ')}.`;
  throw new TypeError(
    `The application has no bag with @Persistent() of the name "${name}". ${there} Pass one of these, or ` +
      `the class; what session.persistent('${name}') gives is prepared among the bags, as 'persistent:${name}'.`,
  );
}

function persistentNames(app: INestApplicationContext): ReadonlySet<string> {
  const modules = [...app.get(ModulesContainer).values()];
  const wrappers = modules.flatMap(({ controllers, providers, injectables, middlewares }) =>
    [controllers, providers, injectables, middlewares].flatMap((group) => [...group.values()]),
  );
  const classes = wrappers
    .map(({ metatype }) => metatype)
    .filter((each) => typeof each === 'function');
  return new Set(classes.flatMap(persistentBagsOf));
}
