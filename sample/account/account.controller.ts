import { Body, Controller, Get, Headers, Post, Redirect } from '@nestjs/common';
import { RequireRecentLogin, SessionContext, SessionRegistry } from 'nestjs-session-bag';
import { TextPipe } from '../html/text.pipe.js';
import { HtmlPage } from '../html/page.js';
import { accountPage, addressPage, loginPage } from './account.page.js';
import { Security } from './security.js';

const LONGEST_DEVICE = 80;

/** Who is logged in, and where. A singleton: SessionContext gives it the session of each request. */
@Controller('account')
export class AccountController {
  constructor(
    private readonly context: SessionContext,
    private readonly registry: SessionRegistry,
    private readonly security: Security,
  ) {}

  @Get()
  @HtmlPage()
  async show(): Promise<string> {
    const { owner, key } = await this.context.start();
    if (owner === undefined) return loginPage(this.security.failures);
    return accountPage(owner, key, await this.registry.list(owner));
  }

  @Post('login')
  @Redirect('/account', 303)
  async login(
    @Body('owner', TextPipe) owner: string,
    @Body('code', TextPipe) code: string,
    @Headers('user-agent') device = 'unknown',
  ): Promise<void> {
    if (!(await this.security.accepts(code))) return;
    const session = await this.context.start();
    await session.login(owner, { info: { device: device.slice(0, LONGEST_DEVICE) } });
  }

  /** Answers 401 to whom has not logged in within the last minute. */
  @Get('address')
  @RequireRecentLogin(60)
  @HtmlPage()
  address(): string {
    return addressPage();
  }

  @Post('revoke')
  @Redirect('/account', 303)
  async revoke(@Body('key', TextPipe) key: string): Promise<void> {
    const { owner } = await this.context.start();
    if (owner !== undefined) await this.registry.revoke(owner, key);
  }

  @Post('revoke-others')
  @Redirect('/account', 303)
  async revokeOthers(): Promise<void> {
    const { owner, key } = await this.context.start();
    if (owner !== undefined) await this.registry.revokeAll(owner, { except: key });
  }

  @Post('logout')
  @Redirect('/account', 303)
  async logout(): Promise<void> {
    const session = await this.context.start();
    await session.logout();
  }
}
