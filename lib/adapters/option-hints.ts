const STORE =
  '"adapter" says where sessions are kept: adapter: \'redis\', or for a store of express-session ' +
  "adapter: fromExpressStore(store), from 'nestjs-session-bag/express-session'.";
const SECONDS = '"lifetime" says after how many seconds of no use a session ends.';

/** What to do in place of options of express-session, @fastify/session and nestjs-session. */
const HINTS: Readonly<Record<string, string>> = {
  secret:
    'Leave it out: the cookie holds a random id, which needs no signature. "encryption" has the keys for ' +
    'what the store gets, and fromConnectSid() takes the secret of sessions from before.',
  store: STORE,
  resave: 'Leave it out: what a request has changed is stored, and nothing else.',
  saveUninitialized: 'Leave it out: a session is stored with its first write, and not before.',
  rolling:
    'Leave it out: use extends a session. With cookie: { clearWithBrowser: false } its cookie is sent ' +
    'again with each answer.',
  genid: 'Leave it out: ids are made here, of 256 random bits.',
  idGenerator: 'Leave it out: ids are made here, of 256 random bits.',
  unset: 'Leave it out: session.destroy() ends a session.',
  proxy:
    "Tell the platform of the proxy: app.set('trust proxy', 1) on Express, new FastifyAdapter({ " +
    'trustProxy: true }) on Fastify.',
  cookieName: 'The name of the cookie is "name".',
  maxAge: SECONDS,
  ttl: SECONDS,
  session: 'Give the options themselves, without an object around them.',
};

/** What to say of an option that there is not. */
export function hintFor(option: string, known: Iterable<string>): string {
  const hint = Object.hasOwn(HINTS, option) ? HINTS[option] : undefined;
  return hint ?? `The options are: ${[...known].join(', ')}.`;
}

/** What to say of an adapter that is none; undefined where it does not look like something else. */
export function adapterHint(adapter: unknown): string | undefined {
  const isClass = typeof adapter === 'function' && isConstructor(adapter);
  const name = isClass ? `new ${adapter.name}(…)` : 'store';
  if (isExpressStore(isClass ? adapter.prototype : adapter)) {
    return (
      `takes no store of express-session as it is. Write adapter: fromExpressStore(${name}), from ` +
      "'nestjs-session-bag/express-session'."
    );
  }
  return isClass ? `takes an object, and not its class. Write adapter: ${name}.` : undefined;
}

function isExpressStore(value: unknown): boolean {
  const { get, set, destroy } = Object(value) as Readonly<Record<string, unknown>>;
  return [get, set, destroy].every((method) => typeof method === 'function');
}

/** Arrow functions have no prototype. */
function isConstructor(value: Function): boolean {
  return typeof value.prototype === 'object' && value.name !== '';
}
