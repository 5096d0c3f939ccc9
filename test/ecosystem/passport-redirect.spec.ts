import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { type RequestSession, SessionModule } from 'nestjs-session-bag';
import passport from 'passport';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

interface CallbackRequest {
  readonly session: RequestSession<{ state: string }>;
  readonly query: { readonly state?: string };
}

/** What strategies of OAuth do: they keep a state in the session while the browser is elsewhere. */
class StateStrategy extends passport.Strategy {
  override readonly name = 'state';
  // Passport inherits from its strategies, which so have no private names.
  private readonly verify: (done: (error: Error | null, user?: object) => void) => void;

  constructor(verify: (done: (error: Error | null, user?: object) => void) => void) {
    super();
    this.verify = verify;
  }

  override authenticate(this: this & passport.StrategyCreated<this>, request: object): void {
    const { session, query } = request as CallbackRequest;
    if (query.state === undefined) {
      session.state = 'a long random text';
      return this.redirect(`https://login.example/?state=${encodeURIComponent(session.state)}`);
    }
    if (query.state !== session.state) return this.fail();
    delete session.state;
    this.verify((_, user = {}) => this.success(user));
  }
}

@Injectable()
class Oauth extends PassportStrategy(StateStrategy) {
  validate(): object {
    return { name: 'anna' };
  }
}

/** As in docs/express-session.md. */
@Injectable()
class RedirectGuard extends AuthGuard('state') {
  getResponse<T>(context: ExecutionContext): T {
    const response = context.switchToHttp().getResponse<{ raw?: T } & T>();
    return response.raw ?? response;
  }
}

@Controller()
class LoginController {
  @UseGuards(RedirectGuard)
  @Get('login')
  login() {
    return 'in';
  }
}

describe.each(platforms)('a strategy of passport that redirects on %s', (platform) => {
  let running: RunningApp;

  beforeEach(async () => {
    @Module({
      imports: [SessionModule.forRoot({ autoStart: true }), PassportModule],
      controllers: [LoginController],
      providers: [Oauth],
    })
    class AppModule {}
    running = await startApp(platform, AppModule, (app) => void app.use(passport.initialize()));
  });
  afterEach(() => running.close());

  it('finds the state that it has left in the session, once', async () => {
    const client = new Client(running.url);
    const away = await client.get('/login');
    expect([away.status, away.setCookies.length]).toEqual([302, 1]);
    const { search } = new URL(away.headers.get('location') ?? '');
    expect((await client.get('/login?state=wrong')).status).toBe(401);
    expect((await new Client(running.url).get(`/login${search}`)).status).toBe(401);
    expect((await client.get(`/login${search}`)).text).toBe('in');
    expect((await client.get(`/login${search}`)).status).toBe(401);
  });
});
