import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  type CanActivate,
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import {
  type Bag,
  SessionBag,
  SessionContext,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Injectable()
class CountingGuard implements CanActivate {
  constructor(private readonly context: SessionContext) {}

  async canActivate(): Promise<boolean> {
    const session = await this.context.start();
    session.set('refused', session.get('refused', 0) + 1);
    throw new ForbiddenException();
  }
}

@Controller()
class ThrowingController {
  constructor(private readonly session: SessionService) {}

  @Get('exception')
  exception(@SessionBag('form') form: Bag<{ tries: number }>): never {
    form.tries = (form.tries ?? 0) + 1;
    throw new BadRequestException();
  }

  @Get('error')
  async error(@SessionBag('form') form: Bag<{ tries: number }>): Promise<never> {
    form.tries = (form.tries ?? 0) + 1;
    throw new Error('The handler failed.');
  }

  @Get('guarded')
  @UseGuards(CountingGuard)
  guarded(): void {}

  @Get('all')
  all() {
    return this.session.toJSON();
  }
}

describe.each(platforms)('R17 a handler that throws on %s', (platform) => {
  let running: RunningApp;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot()],
      controllers: [ThrowingController],
      providers: [CountingGuard],
    });
  });

  afterAll(() => running.close());

  it.each([
    ['exception', 400, { form: { tries: 2 } }],
    ['error', 500, { form: { tries: 2 } }],
    ['guarded', 403, { refused: 2 }],
  ])('still stores what it changed (%s)', async (route, status, stored) => {
    const client = new Client(running.url);
    const first = await client.get(`/${route}`);
    expect([first.status, first.setCookies.length]).toEqual([status, 1]);
    expect((await client.get(`/${route}`)).status).toBe(status);
    expect((await client.get('/all')).json()).toEqual(stored);
  });
});
