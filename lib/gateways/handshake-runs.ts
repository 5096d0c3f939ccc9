import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { isSecureHandshake } from '../http/connection.js';
import { adapterOf } from '../http/http-adapters.js';
import { HttpSessions } from '../http/http-sessions.js';
import { reportLostChanges } from '../http/loss-reports.js';
import type { SessionHandshake } from '../interfaces/session-handshake.interface.js';
import { type HandshakeCookies, HandshakeExchange } from './handshake-exchange.js';

/** Gives work that no HTTP request waits for the session of a connection's handshake. */
@Injectable()
export class HandshakeRuns {
  readonly #sessions: HttpSessions;
  readonly #host: HttpAdapterHost;
  readonly #logger = new Logger('SessionModule');

  constructor(sessions: HttpSessions, host: HttpAdapterHost) {
    this.#sessions = sessions;
    this.#host = host;
  }

  cookiesOf({ headers, socket }: SessionHandshake): HandshakeCookies {
    const platform: unknown = adapterOf(this.#host)?.getInstance();
    return {
      cookieHeader: headers.cookie,
      isSecure: isSecureHandshake({ headers, socket }, platform),
      keepsProviders: false,
    };
  }

  begin(cookies: HandshakeCookies): HandshakeExchange {
    return new HandshakeExchange(cookies, this.#sessions);
  }

  /** Runs the work, and commits before its result is given. */
  async run<T>(handshake: SessionHandshake, work: () => T | Promise<T>): Promise<T> {
    const exchange = this.begin(this.cookiesOf(handshake));
    let result: T;
    try {
      result = await exchange.run(work);
    } catch (error) {
      await exchange.finish().catch((lost: unknown) => reportLostChanges(this.#logger, lost));
      throw error;
    }
    await exchange.finish();
    return result;
  }
}
