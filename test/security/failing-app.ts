import { type ArgumentsHost, Catch, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core';
import {
  SessionContext,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import { type Platform, type RunningApp, startApp } from '../support/http-apps.js';
import { inWhole } from './all-output.js';

/** Stands for everything that is stored, or says who somebody is. */
export const CANARIES = {
  value: 'canary-value-4711',
  nested: 'canary-nested-4711',
  owner: 'canary-owner-4711',
  device: 'canary-device-4711',
} as const;

/** Takes what was thrown down, with all that hangs on it, before Nest answers it. */
@Catch()
class WatchingFilter extends BaseExceptionFilter {
  @Inject('THROWN') private readonly thrown: string[] = [];

  override catch(exception: unknown, host: ArgumentsHost): void {
    this.thrown.push(inWhole(exception));
    // oxlint-disable-next-line promise/valid-params -- a filter is no promise
    super.catch(exception, host);
  }
}

type Deed = (session: SessionService, registry: SessionRegistry) => unknown;

/** What a handler can do, well and badly. */
const DEEDS: Record<string, Deed> = {
  write: (session) => session.set('value', CANARIES.value).bag('cart').set('nested', CANARIES),
  login: (session) => session.login(CANARIES.owner, { info: { device: CANARIES.device } }),
  regenerate: (session) => session.regenerateId(),
  remember: (session) => session.setLifetime(7200),
  logout: (session) => session.logout(),
  look: (session) => inWhole([session, session.bag('other')]),
  'revoke others': (session, registry) =>
    registry.revokeAll(CANARIES.owner, { except: session.key }),
  'refused value': (session) =>
    session.set('fn', new Map([[CANARIES.value, () => CANARIES.nested]])),
  'refused at the commit': (session) => {
    const cart = { items: [CANARIES.value as unknown] };
    session.set('list', cart);
    cart.items.push(Symbol(CANARIES.nested));
  },
  'wrong kind': (session) => session.set('text', CANARIES.value).bag('text').set('a', 1),
  'bad lifetime': (session) => session.setLifetime(-1),
  'bad owner': (session) => session.login(''),
  'bad name': (session) => session.set('', CANARIES.value),
  'updater throws': (session) =>
    session.update('value', () => {
      throw new TypeError('out of order');
    }),
  'save badly': async (session) => {
    session.get<{ items: unknown[] }>('list')?.items.push(() => CANARIES.nested);
    session.set('value', CANARIES.value);
    await session.save();
  },
};

export const deeds = Object.keys(DEEDS);

@Controller()
class FailingController {
  constructor(
    private readonly session: SessionService,
    private readonly registry: SessionRegistry,
  ) {}

  @Post('do/:deed')
  async act(@Param('deed') deed: string) {
    const done: unknown = await DEEDS[deed]?.(this.session, this.registry);
    return { done: typeof done === 'string' ? done : typeof done };
  }

  @Get('is-new')
  isNew() {
    return this.session.isNew;
  }

  /** Without what the application itself keeps beside the sessions. */
  @Get('devices')
  async devices() {
    const sessions = await this.registry.list(CANARIES.owner);
    return sessions.map((session) => ({ ...session, info: {} }));
  }
}

@Controller('unstarted')
class UnstartedController {
  constructor(private readonly context: SessionContext) {}

  @Get()
  read() {
    return this.context.session.get('value');
  }
}

export interface FailingApp extends RunningApp {
  /** Everything that was thrown, as a careless logger would write it. */
  readonly thrown: readonly string[];
}

/** An application that does everything wrong. */
export async function startFailingApp(
  platform: Platform,
  options: SessionModuleOptions,
): Promise<FailingApp> {
  const thrown: string[] = [];
  const running = await startApp(platform, {
    imports: [SessionModule.forRoot(options)],
    controllers: [FailingController, UnstartedController],
    providers: [
      { provide: 'THROWN', useValue: thrown },
      { provide: APP_FILTER, useClass: WatchingFilter },
    ],
  });
  return { ...running, thrown };
}
