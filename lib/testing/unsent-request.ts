import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { INestApplicationContext } from '@nestjs/common';
import { Exchange } from '../http/exchange.js';
import { HttpSessions } from '../http/http-sessions.js';

/** What the application uses for the sessions of its requests. */
export function sessionsOf(app: INestApplicationContext): HttpSessions {
  try {
    return app.get(HttpSessions, { strict: false });
  } catch (cause) {
    throw new Error(
      'The application has no SessionModule. Pass an application, or a TestingModule, that imports ' +
        'SessionModule.forRoot().',
      { cause },
    );
  }
}

type ExchangeClass = new (...args: ConstructorParameters<typeof Exchange>) => Exchange;

/** The session of a request that nobody sends. */
export class UnsentRequest {
  readonly exchange: Exchange;
  readonly #request: IncomingMessage;

  constructor(
    sessions: HttpSessions,
    { cookie, https }: { readonly cookie?: string; readonly https: boolean },
    ExchangeOfIt: ExchangeClass = Exchange,
  ) {
    const request = new IncomingMessage(new Socket());
    if (cookie !== undefined) request.headers.cookie = cookie;
    const asPlatformHasIt = Object.assign(request, { protocol: https ? 'https' : 'http' });
    this.#request = asPlatformHasIt;
    const response = new ServerResponse(request);
    this.exchange = new ExchangeOfIt(request, response, asPlatformHasIt, sessions);
  }

  /** The Set-Cookie header that the response would have. */
  get setCookie(): string | undefined {
    const response = new ServerResponse(this.#request);
    this.exchange.writeHeaders(response);
    const header = response.getHeader('set-cookie');
    return header === undefined ? undefined : String(header);
  }
}
