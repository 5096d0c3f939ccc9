import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, VersioningType } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { type RunningApp, startApp } from '../support/http-apps.js';

interface Visits {
  count: number;
}

function counted(visits: Partial<Visits>): number {
  return (visits.count = (visits.count ?? 0) + 1);
}

@Controller({ path: 'persistent', version: '1' })
class PersistentController {
  @Persistent() private readonly visits!: Bag<Visits>;

  @Get()
  visit(): number {
    return counted(this.visits);
  }
}

@Controller({ path: 'bag', version: '1' })
class BagController {
  @Get()
  visit(@SessionBag('visits') visits: Bag<Visits>): number {
    return counted(visits);
  }
}

@Controller({ path: 'service', version: '1' })
class ServiceController {
  constructor(private readonly session: SessionService) {}

  @Get()
  visit(): number {
    return counted(this.session.bag<Visits>('visits'));
  }
}

const adapters = {
  express: () => new ExpressAdapter(),
  fastify: () => new FastifyAdapter({ routerOptions: { ignoreTrailingSlash: true } }),
};

describe.each(['express', 'fastify'] as const)('R5 on %s, prefixed and versioned', (platform) => {
  let running: RunningApp | undefined;

  afterEach(() => running?.close());

  it.each(['persistent', 'bag', 'service'])(
    'a route with a session has it with a slash at its end, too: %s',
    async (path) => {
      running = await startApp(
        adapters[platform](),
        {
          imports: [SessionModule.forRoot()],
          controllers: [PersistentController, BagController, ServiceController],
        },
        (app) => {
          app.setGlobalPrefix('api');
          app.enableVersioning({ type: VersioningType.URI });
        },
      );
      const client = new Client(running.url);
      const forms = [`/api/v1/${path}`, `/api/v1/${path}/`, `/api/v1/${path}/?x=1`];
      const counts: string[] = [];
      for (const form of forms) counts.push((await client.get(form)).text);
      expect(counts).toEqual(['1', '2', '3']);
    },
  );
});
