import { Body, Controller, Get, Post, Redirect, UseFilters, UseGuards } from '@nestjs/common';
import { SessionRegistry, SessionService } from 'nestjs-session-bag';
import { LoginFilter } from '../login/login.filter.js';
import { LoginGuard } from '../login/login.guard.js';
import { Page } from '../pages/page.decorator.js';
import { TextPipe } from '../pages/text.pipe.js';

/** Where somebody is logged in. */
@Controller('devices')
@UseGuards(LoginGuard)
@UseFilters(LoginFilter)
export class DevicesController {
  constructor(
    private readonly session: SessionService,
    private readonly registry: SessionRegistry,
  ) {}

  @Get()
  @Page('devices')
  async show(): Promise<object> {
    const devices = await this.registry.list(this.#owner);
    return { devices, thisKey: this.session.key };
  }

  @Post('log-out')
  @Redirect('/devices', 303)
  async logOut(@Body('key', TextPipe) key: string): Promise<void> {
    const isDone = await this.registry.revoke(this.#owner, key);
    const { flash } = this.session;
    if (isDone) flash.success('That device is logged out.');
    else flash.notice('That device was logged out before.');
  }

  @Post('log-out-others')
  @Redirect('/devices', 303)
  async logOutOthers(): Promise<void> {
    const count = await this.registry.revokeAll(this.#owner, { except: this.session.key });
    this.session.flash.success(`Other devices that are logged out now: ${count}.`);
  }

  /** This device, too. Its cookie is cleared with the session. */
  @Post('log-out-everywhere')
  @Redirect('/logged-out', 303)
  async logOutEverywhere(): Promise<void> {
    await this.registry.revokeAll(this.#owner, { except: this.session.key });
    await this.session.logout();
  }

  /** The guard has let nobody else in. */
  get #owner(): string {
    return this.session.owner ?? '';
  }
}
