import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import {
  type Bag,
  SessionBag,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import { type Platform, type RunningApp, startApp } from './http-apps.js';

/** What the shop says of the session that asks. */
export interface Visit {
  readonly key: string;
  readonly isNew: boolean;
  readonly owner?: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

@Controller()
class ShopController {
  constructor(
    private readonly session: SessionService,
    private readonly registry: SessionRegistry,
  ) {}

  @Get('visit')
  visit(): Visit {
    const { key, isNew, owner } = this.session;
    return { key, isNew, ...(owner !== undefined && { owner }), variables: this.session.toJSON() };
  }

  @Post('set')
  set(@Body() values: Record<string, unknown>): Visit {
    for (const [name, value] of Object.entries(values)) this.session.set(name, value);
    return this.visit();
  }

  @Post('user')
  user(@SessionBag('user') user: Bag, @Body() values: Record<string, unknown>): Visit {
    Object.assign(user, values);
    return this.visit();
  }

  @Delete('variable/:name')
  remove(@Param('name') name: string): Visit {
    this.session.remove(name);
    return this.visit();
  }

  @Post('count')
  async count() {
    return { count: await this.session.update<number>('count', (count = 0) => count + 1) };
  }

  @Post('remember/:seconds')
  remember(@Param('seconds') seconds: string): Visit {
    this.session.set('remembered', true).setLifetime(Number(seconds));
    return this.visit();
  }

  @Post('regenerate')
  async regenerate(): Promise<Visit> {
    await this.session.regenerateId();
    return this.visit();
  }

  @Post('destroy')
  async destroy(): Promise<Visit> {
    await this.session.destroy();
    return this.visit();
  }

  @Post('login/:owner')
  async login(@Param('owner') owner: string): Promise<Visit> {
    await this.session.login(owner);
    return this.visit();
  }

  @Get('devices/:owner')
  devices(@Param('owner') owner: string) {
    return this.registry.list(owner);
  }

  @Delete('devices/:owner/:key')
  async revoke(@Param('owner') owner: string, @Param('key') key: string) {
    return { revoked: await this.registry.revoke(owner, key) };
  }

  @Delete('devices/:owner')
  async revokeAll(@Param('owner') owner: string) {
    return { count: await this.registry.revokeAll(owner, { except: this.session.key }) };
  }
}

@Controller()
class PlainController {
  @Get('plain')
  plain(): string {
    return 'plain';
  }
}

/** An application that does with its sessions what applications do. */
export function startShop(
  platform: Platform,
  options: SessionModuleOptions,
  configure?: Parameters<typeof startApp>[2],
): Promise<RunningApp> {
  const controllers = [ShopController, PlainController];
  return startApp(platform, { imports: [SessionModule.forRoot(options)], controllers }, configure);
}
