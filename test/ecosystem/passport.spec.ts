import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Post,
  Req,
  Session,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { AuthGuard, PassportModule, PassportSerializer, PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { SessionContext, SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

interface User {
  readonly name: string;
}

type Done = (error: Error | null, user?: unknown) => void;

interface PassportRequest {
  readonly user?: User;
  readonly raw?: PassportRequest;
  isAuthenticated(): boolean;
  logIn(user: User, options: { keepSessionInfo?: boolean }, done: (error?: Error) => void): void;
  logout(done: (error?: Error) => void): void;
  logout(options: { keepSessionInfo?: boolean }, done: (error?: Error) => void): void;
}

/** How many of the classes were made that are to stay singletons. */
let made: string[] = [];

@Injectable()
class UserService {
  constructor(private readonly context: SessionContext) {
    made.push('service');
  }

  async check(name: string, password: string): Promise<User> {
    const session = await this.context.start();
    session.set('attempts', session.get('attempts', 0) + 1);
    if (password !== 'right') throw new UnauthorizedException();
    return { name };
  }
}

@Injectable()
class LocalStrategy extends PassportStrategy(Strategy) {
  constructor(
    private readonly users: UserService,
    private readonly context: SessionContext,
  ) {
    super();
    made.push('strategy');
  }

  async validate(name: string, password: string): Promise<User> {
    const session = await this.context.start();
    session.set('tried', name);
    return this.users.check(name, password);
  }
}

@Injectable()
class UserSerializer extends PassportSerializer {
  serializeUser(user: User, done: Done): void {
    done(null, user.name);
  }

  deserializeUser(name: string, done: Done): void {
    done(null, { name });
  }
}

/** Where passport puts its things: the raw request. */
function passportOf(request: PassportRequest): PassportRequest {
  return request.raw ?? request;
}

@Injectable()
class LoginGuard extends AuthGuard('local') {}

/** As the documentation of Nest has it: the guard itself logs in, and passport keeps no variables. */
@Injectable()
class SessionLoginGuard extends AuthGuard('local') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    await super.logIn(context.switchToHttp().getRequest());
    return true;
  }
}

@Controller()
class AccountController {
  @UseGuards(LoginGuard)
  @Post('login')
  async login(@Req() request: PassportRequest) {
    const user = request.user ?? { name: '' };
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error): void => (error ? reject(error) : resolve());
      passportOf(request).logIn(user, { keepSessionInfo: true }, done);
    });
    return user;
  }

  @UseGuards(SessionLoginGuard)
  @Post('login/anew')
  loginAnew(@Req() request: PassportRequest) {
    return request.user;
  }

  @Post('logout/keep')
  async logoutAndKeep(@Req() request: PassportRequest) {
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error): void => (error ? reject(error) : resolve());
      passportOf(request).logout({ keepSessionInfo: true }, done);
    });
    return {};
  }

  @Get('me')
  me(@Req() request: PassportRequest, @Session() session: Record<string, unknown>) {
    return { user: passportOf(request).user, cart: session['cart'] };
  }

  @Post('cart')
  cart(@Session() session: Record<string, unknown>) {
    session['cart'] = ['book'];
    return {};
  }

  @Post('logout')
  async logout(@Req() request: PassportRequest) {
    await new Promise<void>((resolve, reject) => {
      passportOf(request).logout((error) => (error ? reject(error) : resolve()));
    });
    return {};
  }
}

describe.each(platforms)('passport on %s', (platform) => {
  let running: RunningApp;
  let store: CountingAdapter;

  beforeEach(async () => {
    made = [];
    store = new CountingAdapter();
    @Module({
      imports: [
        SessionModule.forRoot({ adapter: store, autoStart: true }),
        PassportModule.register({ session: true }),
      ],
      controllers: [AccountController],
      providers: [UserService, LocalStrategy, UserSerializer],
    })
    class AppModule {}
    running = await startApp(platform, AppModule, (app) => {
      app.use(passport.initialize());
      app.use(passport.session());
    });
  });

  afterEach(() => running.close());

  const login = (client: Client, password = 'right', path = '/login') =>
    client.post(path, { username: 'anna', password });

  it('logs in under a new id with the variables kept, is known in the next request, logs out', async () => {
    const client = new Client(running.url);
    await client.post('/cart');
    const before = client.cookies.get('sid');
    expect((await login(client)).status).toBe(201);
    const after = client.cookies.get('sid');
    expect(after).toBeDefined();
    expect(after).not.toBe(before);
    expect((await client.get('/me')).json()).toEqual({ user: { name: 'anna' }, cart: ['book'] });
    expect((await client.post('/logout')).status).toBe(201);
    expect((await client.get('/me')).json()).not.toHaveProperty('user');
    const stale = new Client(running.url, [['sid', after ?? '']]);
    expect((await stale.get('/me')).json()).not.toHaveProperty('user');
  });

  it('drops the variables at a login that does not keep them, as passport asks', async () => {
    const client = new Client(running.url);
    await client.post('/cart');
    const before = client.cookies.get('sid');
    const answer = await login(client, 'right', '/login/anew');
    expect([answer.status, answer.json()]).toEqual([201, { name: 'anna' }]);
    expect(client.cookies.get('sid')).not.toBe(before);
    expect((await client.get('/me')).json()).toEqual({ user: { name: 'anna' } });
    const stale = new Client(running.url, [['sid', before ?? '']]);
    expect((await stale.get('/me')).json()).toEqual({});
  });

  it('keeps the variables at a logout that asks for it, under a new id', async () => {
    const client = new Client(running.url);
    await login(client);
    await client.post('/cart');
    const before = client.cookies.get('sid');
    expect((await client.post('/logout/keep')).status).toBe(201);
    expect(client.cookies.get('sid')).not.toBe(before);
    expect((await client.get('/me')).json()).toEqual({ cart: ['book'] });
  });

  it('refuses a wrong password and keeps what the singletons stored', async () => {
    const client = new Client(running.url);
    expect((await login(client, 'wrong')).status).toBe(401);
    expect((await login(client, 'wrong')).status).toBe(401);
    expect(made.toSorted()).toEqual(['service', 'strategy']);
    expect((await client.get('/me')).json()).not.toHaveProperty('user');
    const [record] = store.calls.filter(({ method }) => method === 'create');
    const stored = await store.peek(record?.key ?? '');
    expect(stored?.data).toContain('"attempts":2');
    expect(stored?.data).toContain('"tried":"anna"');
  });

  it('costs a visitor without a cookie no store call', async () => {
    await new Client(running.url).get('/me');
    expect(store.calls).toEqual([]);
  });
});
