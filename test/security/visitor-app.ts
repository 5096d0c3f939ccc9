import { EventEmitter, once } from 'node:events';
import { Body, Controller, Get, Injectable, Param, Post } from '@nestjs/common';
import {
  type SessionAdapter,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import type { Client } from '../support/client.js';
import { type Platform, type RunningApp, startApp } from '../support/http-apps.js';

/** Lets a test stop handlers in the middle of their work. */
@Injectable()
export class Stops {
  readonly #events = new EventEmitter();

  async stop(): Promise<void> {
    const released = once(this.#events, 'released');
    this.#events.emit('arrived');
    await released;
  }

  arrival(): Promise<unknown> {
    return once(this.#events, 'arrived');
  }

  release(): void {
    this.#events.emit('released');
  }
}

export interface Visit {
  readonly key: string;
  readonly isNew: boolean;
  readonly owner?: string;
  readonly all: Record<string, unknown>;
}

@Controller()
class VisitorController {
  constructor(
    private readonly session: SessionService,
    private readonly registry: SessionRegistry,
    private readonly stops: Stops,
  ) {}

  @Get('me')
  me(): Visit {
    const { key, isNew, owner } = this.session;
    return { key, isNew, all: this.session.toJSON(), ...(owner !== undefined && { owner }) };
  }

  @Post('set')
  set(@Body() body: Record<string, unknown>) {
    for (const [name, value] of Object.entries(body)) this.session.set(name, value);
    return {};
  }

  @Get('slow')
  async slow() {
    await this.stops.stop();
    return this.me();
  }

  @Post('slow-set')
  async slowSet(@Body() body: Record<string, unknown>) {
    await this.stops.stop();
    return this.set(body);
  }

  @Post('slow-login/:owner')
  async slowLogin(@Param('owner') owner: string) {
    await this.stops.stop();
    return this.login(owner);
  }

  @Post('slow-logout')
  async slowLogout() {
    await this.stops.stop();
    return this.logout();
  }

  @Post('login/:owner')
  async login(@Param('owner') owner: string) {
    await this.session.login(owner);
    return {};
  }

  @Post('remember-me')
  remember() {
    this.session.set('remembered', true).setLifetime(7200);
    return {};
  }

  @Post('logout')
  async logout() {
    await this.session.logout();
    return {};
  }

  @Get('devices/:owner')
  devices(@Param('owner') owner: string) {
    return this.registry.list(owner);
  }
}

export interface VisitorApp extends RunningApp {
  readonly stops: Stops;
}

/** An application in which visitors log in and out, on a store of the test's. */
export async function startVisitorApp(
  platform: Platform,
  adapter: SessionAdapter,
  options: Partial<SessionModuleOptions> = {},
): Promise<VisitorApp> {
  const stops = new Stops();
  const running = await startApp(platform, {
    imports: [SessionModule.forRoot({ ...options, adapter })],
    controllers: [VisitorController],
    providers: [{ provide: Stops, useValue: stops }],
  });
  return { ...running, stops };
}

/** What the application knows of this browser. */
export async function visitOf(client: Client): Promise<Visit> {
  return (await client.get('/me')).json() as Visit;
}
