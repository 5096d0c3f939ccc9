import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import {
  type Bag,
  Persistent,
  RequireRecentLogin,
  SessionBag,
  SessionContext,
  type SessionService,
} from 'nestjs-session-bag';
import { map, type Observable } from 'rxjs';
import { actions } from './session-actions.js';

interface Sent {
  readonly id: number;
  readonly action?: string;
}

interface Answer {
  readonly id: number;
  readonly result: unknown;
}

/** What hooks of the gateway do, when a test asks for it. */
export const hooks: Partial<
  Record<'connect' | 'disconnect', (context: SessionContext, client: object) => unknown>
> = {};

/** What a test has a handler stream. */
export const streams = new Map<string, (session: SessionService) => Observable<unknown>>();

@Injectable()
export class Counter {
  @Persistent() private readonly persistent!: Bag<{ count: number }>;

  next(): number {
    this.persistent.count = (this.persistent.count ?? 0) + 1;
    return this.persistent.count;
  }
}

@Injectable()
export class LoginGuard implements CanActivate {
  constructor(private readonly context: SessionContext) {}

  async canActivate(): Promise<boolean> {
    const session = await this.context.start();
    return session.owner !== undefined;
  }
}

@Injectable()
export class OwnerInterceptor implements NestInterceptor {
  constructor(private readonly context: SessionContext) {}

  intercept(_: ExecutionContext, next: CallHandler<Answer>): Observable<Answer> {
    const { owner } = this.context.session;
    return next.handle().pipe(map(({ id, result }) => ({ id, result: [owner, result] })));
  }
}

/** Stands on the same server as the other, and uses no session. */
@WebSocketGateway()
export class PlainGateway {
  @SubscribeMessage('plain')
  plain(@MessageBody() { id }: Sent): Answer {
    return { id, result: 'no session' };
  }
}

@WebSocketGateway()
export class SessionGateway implements OnGatewayConnection, OnGatewayDisconnect {
  constructor(
    private readonly context: SessionContext,
    private readonly counter: Counter,
  ) {}

  handleConnection(client: object): unknown {
    return hooks.connect?.(this.context, client);
  }

  handleDisconnect(client: object): unknown {
    return hooks.disconnect?.(this.context, client);
  }

  @SubscribeMessage('do')
  async do(@MessageBody() { id, action = '' }: Sent): Promise<Answer> {
    const session = await this.context.start();
    return { id, result: (await actions.get(action)?.(session)) ?? null };
  }

  @SubscribeMessage('name')
  name(
    @MessageBody() { id }: Sent,
    @SessionBag('user') user: Bag<{ name: string; turns: number }>,
    @ConnectedSocket() client: object,
  ): Answer {
    user.turns = (user.turns ?? 0) + 1;
    return { id, result: [user.name, user.turns, typeof client] };
  }

  @SubscribeMessage('count')
  count(@MessageBody() { id }: Sent): Answer {
    return { id, result: this.counter.next() };
  }

  @SubscribeMessage('guarded')
  @UseGuards(LoginGuard)
  @UseInterceptors(OwnerInterceptor)
  guarded(@MessageBody() { id }: Sent): Answer {
    return { id, result: this.context.session.keys() };
  }

  @SubscribeMessage('recent')
  @RequireRecentLogin(60)
  recent(@MessageBody() { id }: Sent): Answer {
    return { id, result: 'recent' };
  }

  @SubscribeMessage('by hand')
  async byHand(
    @MessageBody() { id, action = '' }: Sent,
    @Ack() ack: (answer: Answer) => void,
  ): Promise<void> {
    const session = await this.context.start();
    ack({ id, result: (await actions.get(action)?.(session)) ?? null });
  }

  @SubscribeMessage('fail')
  async fail(@MessageBody() { action = '' }: Sent): Promise<never> {
    const session = await this.context.start();
    await actions.get(action)?.(session);
    throw new WsException('on purpose');
  }

  @SubscribeMessage('stream')
  async stream(@MessageBody() { id, action = '' }: Sent): Promise<Observable<unknown> | undefined> {
    const session = await this.context.start();
    return streams
      .get(action)?.(session)
      .pipe(map((result) => ({ event: 'answer', data: { id, result } })));
  }
}
