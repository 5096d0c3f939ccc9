import { EventEmitter, once } from 'node:events';
import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Body, Controller, Get, Injectable, Param, Post, Req, Res } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import {
  type Bag,
  type SessionAdapter,
  SessionBag,
  SessionModule,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import type { SessionCommonOptions } from '../../lib/interfaces/session-common-options.interface.js';
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

  @Post('save-then-set')
  async saveThenSet(@Body() body: Record<string, unknown>) {
    await this.session.set('saved', true).save();
    return this.slowSet(body);
  }

  /** Its client does not wait for the answer. */
  @Get('left')
  async left(@Req() { socket }: { readonly socket: Socket }) {
    const closed = once(socket, 'close');
    await this.stops.stop();
    await closed;
    return this.me();
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

  /** The second address lies below that of the login, for cookies with a path. */
  @Post(['logout', 'login/anna/logout'])
  async logout() {
    await this.session.logout();
    return {};
  }

  @Get('devices/:owner')
  devices(@Param('owner') owner: string) {
    return this.registry.list(owner);
  }
}

/** Touches the session in one way each. */
@Controller()
class AskingController {
  constructor(private readonly session: SessionService) {}

  @Get('ask/parameter')
  parameter(@SessionBag('cart') cart: Bag) {
    return { size: cart.size };
  }

  @Get('ask/:way')
  ask(@Param('way') way: string) {
    const ways: Record<string, () => unknown> = {
      get: () => this.session.get('cart'),
      has: () => this.session.has('cart'),
      keys: () => this.session.keys(),
      size: () => this.session.size,
      iterate: () => [...this.session.bag('cart')],
      bag: () => this.session.bag('cart').size,
    };
    return { answer: ways[way]?.() ?? null };
  }

  @Get('cached/:control')
  cached(@Param('control') control: string, @Res({ passthrough: true }) response: AnyResponse) {
    if (control !== 'none') response.header('Cache-Control', control);
    this.session.set('cart', 'book');
    return {};
  }

  @Get('heads/:shape')
  heads(@Param('shape') shape: string, @Res() response: AnyResponse) {
    this.session.set('shape', shape);
    const pairs = [
      ['X-One', '1'],
      ['Set-Cookie', 'theme=dark'],
      ['X-Two', '2'],
    ] as const;
    const heads: Record<string, OutgoingHttpHeader[] | OutgoingHttpHeaders> = {
      flat: Object.freeze(pairs.flat()) as string[],
      pairs: Object.freeze(pairs.map((pair) => Object.freeze(pair))) as unknown as string[],
      object: Object.freeze(Object.fromEntries(pairs)),
    };
    response.hijack?.();
    const raw = response.raw ?? response;
    raw.writeHead(202, heads[shape] ?? {});
    raw.end();
  }
}

/** What both platforms' responses have, and where Fastify keeps Node's own. */
type AnyResponse = ServerResponse & {
  readonly raw?: ServerResponse;
  hijack?(): void;
  header(name: string, value: string): void;
};

export interface VisitorApp extends RunningApp {
  readonly stops: Stops;
}

/** An application in which visitors log in and out, on a store of the test's. */
export async function startVisitorApp(
  platform: Platform | AbstractHttpAdapter,
  adapter: SessionAdapter,
  options: SessionCommonOptions = {},
): Promise<VisitorApp> {
  const stops = new Stops();
  const running = await startApp(platform, {
    imports: [SessionModule.forRoot({ ...options, adapter })],
    controllers: [VisitorController, AskingController],
    providers: [{ provide: Stops, useValue: stops }],
  });
  return { ...running, stops };
}

/** What the application knows of this browser. */
export async function visitOf(client: Client): Promise<Visit> {
  return (await client.get('/me')).json() as Visit;
}
