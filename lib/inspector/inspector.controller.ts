import { createHash } from 'node:crypto';
import {
  type CanActivate,
  Controller,
  Get,
  Header,
  HttpCode,
  Post,
  Query,
  Req,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { SessionStore } from '../store/session-store.js';
import { inspectorPage } from './inspector-page.js';
import { InspectorReporter, type InspectorReport } from './inspector-report.js';
import { INSPECTOR_STYLE } from './inspector-style.js';
import { RequestLog } from './request-log.js';
import { type TwoTabs, writeInTwoTabs } from './two-tabs.js';

/** What Express' requests and Fastify's have in common. */
interface RequestLike {
  readonly originalUrl: string;
}

const STYLE_HASH = createHash('sha256').update(INSPECTOR_STYLE).digest('base64');
const POLICY =
  `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; ` +
  "base-uri 'none'; frame-ancestors 'none'";

/** What an answer of the inspector must not become: kept, framed, or found. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': POLICY,
  // With no-referrer the buttons would send `Origin: null`, as forged forms do.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};

/** The controller for one place and one guard, which Nest reads off a class. */
export function inspectorController(path: string, guard: Type<CanActivate> | CanActivate): Type {
  @UseGuards(guard)
  @Controller(path)
  class SessionInspectorController {
    readonly #reporter: InspectorReporter;
    readonly #log: RequestLog;
    readonly #modules: ModuleRef;

    constructor(reporter: InspectorReporter, log: RequestLog, modules: ModuleRef) {
      this.#reporter = reporter;
      this.#log = log;
      this.#modules = modules;
    }

    @Get()
    @HtmlAnswer()
    async show(@Req() request: RequestLike, @Query('live') live?: string): Promise<string> {
      this.#log.ignoreThis();
      const facts = { path: pathOf(request), isLive: live !== undefined };
      return inspectorPage(await this.#reporter.report(), facts);
    }

    @Get('json')
    @PrivateAnswer()
    report(): Promise<InspectorReport> {
      this.#log.ignoreThis();
      return this.#reporter.report();
    }

    @Post()
    @HttpCode(200)
    @HtmlAnswer()
    async run(@Req() request: RequestLike, @Query('run') way?: string): Promise<string> {
      this.#log.ignoreThis();
      const tabs = (await this.#tryTabs(way)) ?? null;
      const facts = { path: pathOf(request), isLive: false, tabs };
      return inspectorPage(await this.#reporter.report(), facts);
    }

    async #tryTabs(way: string | undefined): Promise<TwoTabs> {
      if (this.#reporter.adapterName === 'cookie') return undefined;
      const store = this.#modules.get(SessionStore, { strict: false });
      return writeInTwoTabs(store, way === 'last-write-wins' ? way : 'merge');
    }
  }
  return SessionInspectorController;
}

/** The path of the page, wherever the application has put it. */
function pathOf({ originalUrl }: RequestLike): string {
  return originalUrl.split('?', 1)[0]?.replace(/\/+$/, '') ?? '';
}

function PrivateAnswer(): MethodDecorator {
  return (target, name, descriptor: PropertyDescriptor) => {
    for (const [header, value] of Object.entries(HEADERS)) {
      Header(header, value)(target, name, descriptor);
    }
  };
}

function HtmlAnswer(): MethodDecorator {
  return (target, name, descriptor: PropertyDescriptor) => {
    PrivateAnswer()(target, name, descriptor);
    Header('Content-Type', 'text/html; charset=utf-8')(target, name, descriptor);
  };
}
