import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type NestInterceptor,
  type OnModuleInit,
  Param,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import {
  type ClientGrpc,
  ClientProxy,
  ClientsModule,
  MessagePattern,
  Transport,
} from '@nestjs/microservices';
import { type Bag, Persistent, SessionContext, SessionModule } from 'nestjs-session-bag';
import { map, Observable, of, tap } from 'rxjs';
import { Client } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

const CLIENT = Symbol('CLIENT');

@Injectable()
class CountAnswers implements NestInterceptor {
  constructor(private readonly context: SessionContext) {}

  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      tap(() => {
        const { session } = this.context;
        session.set('answers', session.get('answers', 0) + 1);
      }),
    );
  }
}

@Controller()
class ProfileController {
  @Persistent() private readonly profile!: Bag<{ name: string; asked: number }>;

  constructor(
    @Inject(CLIENT) private readonly client: ClientProxy,
    private readonly context: SessionContext,
  ) {}

  @Post('name/:name')
  rename(@Param('name') name: string): void {
    this.profile.name = name;
  }

  @UseInterceptors(CountAnswers)
  @Get('ask')
  ask(): Observable<unknown> {
    return this.client.send('length', this.profile.name).pipe(
      map((length: number) => {
        this.profile.asked = (this.profile.asked ?? 0) + 1;
        return { name: this.profile.name, length };
      }),
    );
  }

  @Get('refused')
  refused(): Observable<unknown> {
    return this.client
      .send('nobody listens', {})
      .pipe(tap({ error: () => void (this.profile.name = `${this.profile.name}, refused`) }));
  }

  @Get('session')
  session(): unknown {
    return this.context.session.toJSON();
  }

  @MessagePattern('length')
  length(name: string): number {
    return name.length;
  }
}

describe.each(platforms)('a client of microservices on %s', (platform) => {
  let running: RunningApp;
  let anna: Client;
  let bert: Client;

  beforeEach(async () => {
    const options = { host: '127.0.0.1', port: await freePort() };
    const transport = { transport: Transport.TCP as const, options };
    const imports = [
      SessionModule.forRoot(),
      ClientsModule.register([{ name: CLIENT, ...transport }]),
    ];
    running = await startApp(
      platform,
      { imports, controllers: [ProfileController] },
      async (app) => {
        app.connectMicroservice(transport);
        await app.startAllMicroservices();
      },
    );
    [anna, bert] = [new Client(running.url), new Client(running.url)];
    await anna.post('/name/anna');
    await bert.post('/name/bertram');
  });
  afterEach(() => running.close());

  it('gives its answers to who has asked, and not to who has opened the connection', async () => {
    expect((await anna.get('/ask')).json()).toEqual({ name: 'anna', length: 4 });
    expect((await bert.get('/ask')).json()).toEqual({ name: 'bertram', length: 7 });
    expect((await bert.get('/ask')).json()).toEqual({ name: 'bertram', length: 7 });
    expect((await anna.get('/session')).json()).toEqual({
      'persistent:ProfileController': { name: 'anna', asked: 1 },
      answers: 1,
    });
    expect((await bert.get('/session')).json()).toEqual({
      'persistent:ProfileController': { name: 'bertram', asked: 2 },
      answers: 2,
    });
  });

  it('gives them its errors as well', async () => {
    await anna.get('/ask');
    expect((await bert.get('/refused')).status).toBe(500);
    expect((await bert.get('/session')).text).toContain('"name":"bertram, refused"');
  });
});

class OwnClient extends ClientProxy {
  readonly seen: boolean[] = [];
  #isConnected = false;

  constructor(private readonly context: SessionContext) {
    super();
  }

  async connect(): Promise<void> {
    if (!this.#isConnected) this.seen.push(this.context.active);
    this.#isConnected = true;
  }

  close(): void {}

  unwrap<T>(): T {
    return this as never;
  }

  protected publish(_: unknown, callback: (packet: object) => void): () => void {
    callback({ response: 'pong', isDisposed: true });
    return () => {};
  }

  protected async dispatchEvent<T>(): Promise<T> {
    return undefined as T;
  }
}

@Controller()
class PingController {
  constructor(@Inject(CLIENT) private readonly client: OwnClient) {}

  @Get('ping')
  ping(): Observable<unknown> {
    return this.client.send('ping', {});
  }

  @Get('seen')
  seen(): Observable<unknown> {
    return of(this.client.seen);
  }
}

@Controller()
class OwnClientController {
  readonly client: OwnClient;

  constructor(context: SessionContext) {
    this.client = new OwnClient(context);
  }

  @Get('ping')
  ping(): Observable<unknown> {
    return this.client.send('ping', {});
  }

  @Get('seen')
  seen(): Observable<unknown> {
    return of(this.client.seen);
  }
}

function make(context: SessionContext): OwnClient {
  return new OwnClient(context);
}

describe.each(platforms)('a connection of such a client on %s', (platform) => {
  const client = { provide: CLIENT, inject: [SessionContext], useFactory: make };

  it.each([
    ['injected', { providers: [client], controllers: [PingController] }],
    ['made by who asks', { controllers: [OwnClientController] }],
  ])('belongs to no request, though one has opened it: %s', async (_, module) => {
    const imports = [SessionModule.forRoot()];
    const running = await startApp(platform, { imports, ...module });
    const visitor = new Client(running.url);
    expect((await visitor.get('/ping')).text).toBe('pong');
    expect((await visitor.get('/seen')).json()).toEqual([false]);
    await running.close();
  });
});

/** As a client of gRPC: what is asked before it is connected is asked when it is. */
class ServiceClient extends OwnClient {
  #asked: (() => void)[] = [];

  getService(): object {
    const length = (name: string): Observable<number> =>
      new Observable((subscriber) => {
        this.#asked.push(() => {
          subscriber.next(name.length);
          subscriber.complete();
        });
        if (this.#asked.length === 2) setImmediate(() => this.#answer());
      });
    return { length };
  }

  #answer(): void {
    for (const answer of this.#asked.splice(0)) answer();
  }
}

interface LengthService {
  length(name: string): Observable<number>;
}

@Controller()
class ServiceController implements OnModuleInit {
  @Persistent() private readonly profile!: Bag<{ name: string }>;
  #service!: LengthService;

  constructor(@Inject(CLIENT) private readonly client: ClientGrpc) {}

  onModuleInit(): void {
    this.#service = this.client.getService<LengthService>('LengthService');
  }

  @Post('name/:name')
  rename(@Param('name') name: string): void {
    this.profile.name = name;
  }

  @Get('ask')
  ask(): Observable<unknown> {
    const { name } = this.profile;
    return this.#service
      .length(String(name))
      .pipe(map((length) => ({ name: this.profile.name, length })));
  }
}

describe.each(platforms)('a client with services, as of gRPC, on %s', (platform) => {
  it('gives its answers to who has asked, though all come in the callback of one', async () => {
    const client = {
      provide: CLIENT,
      inject: [SessionContext],
      useFactory: (context: SessionContext) => new ServiceClient(context),
    };
    const imports = [SessionModule.forRoot()];
    const running = await startApp(platform, {
      imports,
      providers: [client],
      controllers: [ServiceController],
    });
    const visitors = [new Client(running.url), new Client(running.url)];
    const names = ['anna', 'bertram'];
    await Promise.all(visitors.map((visitor, n) => visitor.post(`/name/${names[n]}`)));
    const answers = await Promise.all(visitors.map((visitor) => visitor.get('/ask')));
    expect(answers.map((answer) => answer.json())).toEqual([
      { name: 'anna', length: 4 },
      { name: 'bertram', length: 7 },
    ]);
    await running.close();
  });
});
