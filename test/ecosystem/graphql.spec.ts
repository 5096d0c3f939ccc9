import { once } from 'node:events';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CanActivate, type DynamicModule, Injectable, UseGuards } from '@nestjs/common';
import {
  Args,
  Context,
  Field,
  GraphQLModule,
  Mutation,
  ObjectType,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionContext,
  type SessionHandshake,
  SessionModule,
} from 'nestjs-session-bag';
import { WebSocket } from 'ws';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { type Platform, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';

interface Profile {
  name: string;
  color: string;
}

@ObjectType()
class User {
  @Field() name!: string;
}

/** Its fields are resolved one by one, and no guard runs before them. */
@Resolver(() => User)
class UserResolver {
  @Persistent() private readonly persistent!: Bag<{ asked: number }>;

  @ResolveField(() => Number)
  asked(): number {
    this.persistent.asked = (this.persistent.asked ?? 0) + 1;
    return this.persistent.asked;
  }

  @ResolveField(() => String, { nullable: true })
  color(@SessionBag('user') user: Bag<Profile>): string | undefined {
    return user.color;
  }
}

@Injectable()
class OwnerGuard implements CanActivate {
  constructor(private readonly context: SessionContext) {}

  async canActivate(): Promise<boolean> {
    return (await this.context.start()).owner !== undefined;
  }
}

@Resolver()
class ProfileResolver {
  constructor(private readonly context: SessionContext) {}

  @Query(() => User)
  me(@SessionBag('user') user: Bag<Profile>): Partial<User> {
    return { name: user.name ?? 'nobody' };
  }

  @Query(() => String)
  version(): string {
    return '1';
  }

  @Query(() => String, { nullable: true })
  @UseGuards(OwnerGuard)
  owner(): string | undefined {
    return this.context.session.owner;
  }

  @Subscription(() => String, { resolve: (value: string) => value })
  async *greetings(@SessionBag('user') user: Bag<Profile>): AsyncGenerator<string> {
    yield `Hello ${user.name}`;
  }

  @Subscription(() => String, { resolve: (value: string) => value })
  async *news(@Context('request') request: SessionHandshake): AsyncGenerator<string> {
    yield await this.context.run(request, async () => {
      const session = await this.context.start();
      return `News for ${session.bag<Profile>('user').name}`;
    });
  }

  @Mutation(() => String)
  rename(@SessionBag('user') user: Bag<Profile>, @Args('name') name: string): string {
    user.name = name;
    return name;
  }

  @Mutation(() => String)
  paint(@SessionBag('user') user: Bag<Profile>, @Args('color') color: string): string {
    user.color = color;
    return color;
  }

  @Mutation(() => String)
  async login(@Args('owner') owner: string): Promise<string> {
    const session = await this.context.start();
    await session.login(owner);
    return session.owner ?? '';
  }

  @Mutation(() => Boolean)
  async logout(): Promise<boolean> {
    await (await this.context.start()).logout();
    return true;
  }
}

const drivers = {
  Apollo: {
    platform: 'express',
    module: () =>
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
        context: ({ extra }: { extra?: { request: object } }) => ({ request: extra?.request }),
      }),
  },
  Mercurius: {
    platform: 'fastify',
    module: () =>
      GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        autoSchemaFile: true,
        subscription: {
          context: (_, { raw }) => ({ request: raw }),
        },
      }),
  },
} satisfies Record<string, { platform: Platform; module: () => DynamicModule }>;

describe.each(['Apollo', 'Mercurius'] as const)('GraphQL with %s', (name) => {
  const store = new CountingAdapter();
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    const { platform, module } = drivers[name];
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store }), module()],
      providers: [ProfileResolver, UserResolver, OwnerGuard],
    });
  });

  afterAll(() => running.close());

  beforeEach(() => {
    client = new Client(running.url);
    store.reset();
  });

  async function ask(query: string): Promise<{ data?: unknown; errors?: { message: string }[] }> {
    const answer = await client.post('/graphql', { query });
    return answer.json() as { data?: unknown };
  }

  it('hands bags to resolvers, of queries, mutations and fields', async () => {
    expect(await ask('mutation { rename(name: "Kimbra") paint(color: "blue") }')).toEqual({
      data: { rename: 'Kimbra', paint: 'blue' },
    });
    expect(client.cookies.has('sid')).toBe(true);
    expect(await ask('{ me { name color } }')).toEqual({
      data: { me: { name: 'Kimbra', color: 'blue' } },
    });
  });

  it('R2 has the session for @Persistent in resolvers of fields, where no guard runs', async () => {
    expect(await ask('{ me { asked } }')).toEqual({ data: { me: { asked: 1 } } });
    expect(await ask('{ me { asked } again: me { asked } }')).toEqual({
      data: { me: { asked: 2 }, again: { asked: 3 } },
    });
  });

  it('starts the session for guards, gives it a new id at a login and ends it at a logout', async () => {
    expect((await ask('{ owner }')).errors?.[0]?.message).toBe('Forbidden resource');
    await ask('mutation { rename(name: "Kimbra") }');
    const before = client.cookies.get('sid');
    expect(await ask('mutation { login(owner: "kimbra") }')).toEqual({
      data: { login: 'kimbra' },
    });
    expect(client.cookies.get('sid')).not.toBe(before);
    expect(await ask('{ owner me { name } }')).toEqual({
      data: { owner: 'kimbra', me: { name: 'Kimbra' } },
    });
    await ask('mutation { logout }');
    expect(client.cookies.has('sid')).toBe(false);
  });

  it('R14 a mutation is answered when the store has accepted', async () => {
    await ask('mutation { rename(name: "Kimbra") }');
    const held = store.holdNext('update');
    let isAnswered = false;
    const answer = ask('mutation { rename(name: "Lorde") }').finally(() => (isAnswered = true));
    await held.arrived;
    expect(await ask('{ version }')).toEqual({ data: { version: '1' } });
    expect(isAnswered).toBe(false);
    held.release();
    expect(await answer).toEqual({ data: { rename: 'Lorde' } });
  });

  it('R15 a mutation is not answered as done when the store has refused', async () => {
    const logs = captureLogs();
    await ask('mutation { rename(name: "Kimbra") }');
    store.failNext('update', 3);
    const answer = await client.post('/graphql', { query: 'mutation { rename(name: "Lorde") }' });
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({ statusCode: 503, message: 'Service Unavailable' });
    expect(logs).toHaveLength(1);
    expect(await ask('{ me { name } }')).toEqual({ data: { me: { name: 'Kimbra' } } });
  });

  it('says that a subscription has no session, and SessionContext.run() gives it one', async () => {
    captureLogs();
    await ask('mutation { rename(name: "Kimbra") }');
    const refused = await subscribe('subscription { greetings }');
    expect(JSON.stringify(refused)).toContain('There is no session here');
    expect(await subscribe('subscription { news }')).toMatchObject({
      type: 'next',
      payload: { data: { news: 'News for Kimbra' } },
    });
  });

  /** The first thing that comes for a subscription. */
  async function subscribe(query: string): Promise<unknown> {
    const url = `${running.url.replace('http', 'ws')}/graphql`;
    const headers = { cookie: `sid=${client.cookies.get('sid')}` };
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
    const said: { type: string }[] = [];
    socket.on('message', (data: Buffer) => said.push(JSON.parse(data.toString()) as never));
    const next = (): Promise<{ type: string }> =>
      pollUntil(() => said.shift(), { within: 3000, what: 'a message', every: 5 });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    expect(await next()).toMatchObject({ type: 'connection_ack' });
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    const first = await next();
    socket.terminate();
    return first;
  }
});
