import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import type { RequestSessionMethods } from '../interfaces/request-session.interface.js';
import type { SessionService } from '../session.service.js';
import { getOwn, setOwn } from '../record/plain-object.js';
import { printed, VariableHandler, type VariableView } from '../variable-proxy.js';
import { reportLostChanges } from './loss-reports.js';
import { RequestCookie, type RequestCookieFacts } from './request-cookie.js';

type Callback = (error?: unknown) => void;

/** What `req.session` needs beside the session. */
export interface RequestSessionHost {
  readonly request: IncomingMessage & { session?: object | undefined };
  readonly cookieFacts: RequestCookieFacts;
  /** Reads the session again; what was changed and not stored is dropped. */
  reload(): Promise<void>;
}

/**
 * Puts an object of express-session's shape on the request, over the same session: its variables as
 * properties, and that library's methods with callbacks or promises.
 */
export function offerRequestSession(session: SessionService, host: RequestSessionHost): void {
  host.request.session = new RequestSession(session, host).face;
}

class RequestSession implements VariableView {
  readonly face: object;
  readonly #session: SessionService;
  readonly #host: RequestSessionHost;
  readonly #cookie: RequestCookie;
  /** What stays in an object whose session was left. */
  #left: Record<string, unknown> | undefined;

  constructor(session: SessionService, host: RequestSessionHost) {
    this.#session = session;
    this.#host = host;
    this.#cookie = new RequestCookie(session, host.cookieFacts);
    this.face = new Proxy<VariableView>(this, requestHandler);
  }

  get id(): string {
    return this.#session.id;
  }

  get cookie(): RequestCookie {
    return this.#cookie;
  }

  /** Begins a new and empty session with a new id; the old one is gone. */
  regenerate(done?: Callback): unknown {
    return this.#answer(done, async () => {
      await this.#leave();
      offerRequestSession(this.#session, this.#host);
    });
  }

  destroy(done?: Callback): unknown {
    return this.#answer(done, async () => {
      await this.#leave();
      this.#host.request.session = undefined;
    });
  }

  reload(done?: Callback): unknown {
    return this.#answer(done, () => this.#host.reload());
  }

  save(done?: Callback): unknown {
    return this.#answer(done, () => this.#session.save());
  }

  /** The session's life was extended when it was read. */
  touch(): object {
    return this.face;
  }

  resetMaxAge(): object {
    return this.face;
  }

  toJSON(): Record<string, unknown> {
    return this.#left ?? this.#session.toJSON();
  }

  get(name: string): unknown {
    return this.#left ? getOwn(this.#left, name) : this.#session.get(name);
  }

  set(name: string, value: unknown): void {
    if (this.#left) setOwn(this.#left, name, value);
    else this.#session.set(name, value);
  }

  has(name: string): boolean {
    return this.#left ? Object.hasOwn(this.#left, name) : this.#session.has(name);
  }

  remove(name: string): boolean {
    return this.#left ? Reflect.deleteProperty(this.#left, name) : this.#session.remove(name);
  }

  keys(): string[] {
    return this.#left ? Object.keys(this.#left) : this.#session.keys();
  }

  /** Node calls it on the face, which has variables only. */
  [inspect.custom](this: object): object | string {
    return printed(() => ({ ...this }));
  }

  /** Ends the session; this object keeps its values, for those who carry some over. */
  async #leave(): Promise<void> {
    const values = this.toJSON();
    if (!this.#left) await this.#session.destroy();
    this.#left = values;
  }

  /** A promise, or, for those who pass a callback, the object itself. */
  #answer(done: Callback | undefined, work: () => Promise<void>): unknown {
    const outcome = work();
    if (done === undefined) {
      // Express code seldom waits for it: a failure must neither end the process nor go unnoticed.
      outcome.catch((error: unknown) => reportLostChanges(new Logger('SessionModule'), error));
      return outcome;
    }
    outcome.then(
      () => done(),
      (error: unknown) => done(error),
    );
    return this.face;
  }
}

const MEMBERS: Record<keyof RequestSessionMethods, true> = {
  id: true,
  cookie: true,
  regenerate: true,
  destroy: true,
  reload: true,
  save: true,
  touch: true,
  resetMaxAge: true,
};

const requestHandler = new VariableHandler({
  names: new Set(Object.keys(MEMBERS)),
  refusal: (name) =>
    `"${name}" belongs to req.session itself and cannot be a variable. Use another name, or the ` +
    'SessionService.',
});
