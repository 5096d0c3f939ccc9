import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Controller,
  Get,
  Inject,
  Module,
  Param,
  ParseIntPipe,
  Post,
  StreamableFile,
  UnauthorizedException,
} from '@nestjs/common';
import {
  type Bag,
  SessionBag,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import type { Visit } from '../journal/step.js';

type Cart = Record<string, string>;
type Wishes = Record<string, true>;
interface Totals {
  count: number;
}

/** The token of whether changes are forgotten that are made while an answer is on its way. */
const FORGETS = Symbol('forgets');

/** What users do. Each answer shows the whole session, so that each can be checked. */
@Controller()
export class ShopController {
  constructor(
    private readonly session: SessionService,
    private readonly registry: SessionRegistry,
    @Inject(FORGETS) private readonly forgets: boolean,
  ) {}

  @Get('visit')
  visit(): Visit {
    const { owner } = this.session;
    const born = this.session.get<string>('born');
    return {
      ...(born !== undefined && { born }),
      ...(owner !== undefined && { owner }),
      cart: this.session.get<Cart>('cart', {}),
      wishes: this.session.bag<Wishes>('wishes').keys(),
      orders: this.session.get<string[]>('orders', []),
      count: this.session.bag<Totals>('totals').get('count', 0),
    };
  }

  @Post('begin/:token')
  begin(@Param('token') token: string): Visit {
    if (!this.session.has('born')) this.session.set('born', token);
    return this.visit();
  }

  @Post('put/:article/:token')
  put(
    @SessionBag('cart') cart: Bag<Cart>,
    @Param('article') article: string,
    @Param('token') token: string,
  ): Visit {
    this.#requireSession();
    cart[article] = token;
    return this.visit();
  }

  @Post('wish/:item')
  wish(@SessionBag('wishes') wishes: Bag<Wishes>, @Param('item') item: string): Visit {
    this.#requireSession();
    wishes[item] = true;
    return this.visit();
  }

  @Post('unwish/:item')
  unwish(@SessionBag('wishes') wishes: Bag<Wishes>, @Param('item') item: string): Visit {
    this.#requireSession();
    delete wishes[item];
    return this.visit();
  }

  @Post('order/:token')
  async order(@Param('token') token: string): Promise<Visit> {
    this.#requireSession();
    await this.session.update<string[]>('orders', (orders = []) => [...orders, token]);
    return this.visit();
  }

  @Post('count')
  async count(): Promise<Visit> {
    this.#requireSession();
    await this.session.bag<Totals>('totals').update('count', (count = 0) => count + 1);
    return this.visit();
  }

  @Post('stream/:token/:item/:pause')
  stream(
    @Param('token') token: string,
    @Param('item') item: string,
    @Param('pause', ParseIntPipe) pause: number,
  ): StreamableFile {
    this.#requireSession();
    return new StreamableFile(Readable.from(this.#parts(token, item, pause)));
  }

  @Post('regenerate')
  async regenerate(): Promise<Visit> {
    this.#requireSession();
    await this.session.regenerateId();
    return this.visit();
  }

  @Post('login/:owner')
  async login(@Param('owner') owner: string): Promise<Visit> {
    this.#requireSession();
    await this.session.login(owner);
    return this.visit();
  }

  @Post('revoke-others/:owner')
  async revokeOthers(@Param('owner') owner: string): Promise<Visit> {
    this.#requireSession();
    await this.registry.revokeAll(owner, { except: this.session.key });
    return this.visit();
  }

  @Post('logout')
  async logout(): Promise<object> {
    this.#requireSession();
    await this.session.logout();
    return {};
  }

  /** The head is sent with the first part: all that is changed here is changed after it. */
  async *#parts(token: string, item: string, pause: number): AsyncGenerator<string> {
    yield 'begun\n';
    await delay(pause / 2);
    await this.session.update<string[]>('orders', (orders = []) => [...orders, token]);
    yield 'ordered\n';
    await delay(pause / 2);
    yield JSON.stringify(this.visit());
    if (!this.forgets) this.session.bag<Wishes>('wishes').set(item, true);
  }

  /** Only `begin` begins sessions: a request whose session has ended is told so, and changes nothing. */
  #requireSession(): void {
    if (!this.session.has('born')) throw new UnauthorizedException();
  }
}

/** What is done to all sessions of an owner, by whoever needs no session for it. */
@Controller()
export class OwnersController {
  constructor(private readonly registry: SessionRegistry) {}

  @Post('revoke/:owner')
  async revoke(@Param('owner') owner: string): Promise<object> {
    return { ended: await this.registry.revokeAll(owner) };
  }
}

/**
 * The application that is driven.
 *
 * @param forgets whether changes are forgotten that are made while an answer is on its way
 */
export function shopModule(options: SessionModuleOptions, forgets: boolean): new () => object {
  @Module({
    imports: [SessionModule.forRoot(options)],
    controllers: [ShopController, OwnersController],
    providers: [{ provide: FORGETS, useValue: forgets }],
  })
  class ChaosShop {}
  return ChaosShop;
}
