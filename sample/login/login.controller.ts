import { Body, Controller, Get, Headers, Post, Redirect } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { FormAgain, isRefused } from '../pages/form-again.js';
import { type Form, FormPipe } from '../pages/form.pipe.js';
import { Page, PublicPage } from '../pages/page.decorator.js';
import { deviceName } from './device-name.js';
import { LoginAttempts } from './login-attempts.js';
import { DEMO_LOGINS, Users } from './users.js';

const loginPipe = new FormPipe(['name', 'password']);

/** What the next person to log in must not find. */
const PERSONAL = ['address', 'typedAddress', 'persistent:CheckoutController'];

/** Who comes and who goes. The session that is injected belongs to the request and has been started. */
@Controller()
export class LoginController {
  constructor(
    private readonly session: SessionService,
    private readonly users: Users,
    private readonly attempts: LoginAttempts,
  ) {}

  @Get('login')
  @Page('login')
  show(): object {
    return { logins: DEMO_LOGINS, name: this.attempts.name };
  }

  /** The session gets a new id and keeps what is in it: the cart comes along. */
  @Post('login')
  @Redirect('/', 303)
  async login(
    @Body(loginPipe) form: Form<'name' | 'password'>,
    @Headers('user-agent') userAgent?: string,
  ): Promise<{ url: string }> {
    const { session } = this;
    const { name, password } = form.typed;
    // A password is typed anew.
    if (isRefused(form)) throw new FormAgain('login', { ...form, typed: { name } }, this.show());
    if (!(await this.users.accepts(name, password))) {
      const failures = await this.attempts.countFailure(name);
      session.flash.error(`That is not the password. Wrong attempts so far: ${failures}.`);
      return { url: '/login' };
    }
    this.attempts.forget();
    const isSomebodyElse = session.owner !== undefined && session.owner !== name;
    await session.login(name, {
      drop: isSomebodyElse ? PERSONAL : [],
      info: { device: deviceName(userAgent) },
    });
    session.flash.success(`Welcome, ${name}.`);
    return { url: session.pull('returnTo', '/') };
  }

  @Post('logout')
  @Redirect('/logged-out', 303)
  async logout(): Promise<void> {
    await this.session.logout();
  }
}

/** Says goodbye without beginning a new session for it. */
@Controller('logged-out')
export class LoggedOutController {
  @Get()
  @PublicPage('logged-out')
  show(): void {}
}
