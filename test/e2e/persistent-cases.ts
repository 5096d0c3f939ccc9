import {
  type ArgumentsHost,
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  forwardRef,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  type ModuleMetadata,
  type NestInterceptor,
  Optional,
  Param,
  type PipeTransform,
  Scope,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { type Bag, Persistent } from 'nestjs-session-bag';

export interface Visits {
  count: number;
}

@Injectable()
export class CountingService {
  @Persistent() readonly visits!: Bag<Visits>;

  count(): number {
    return (this.visits.count = (this.visits.count ?? 0) + 1);
  }
}

@Injectable()
class OuterService {
  constructor(readonly inner: CountingService) {}
}

@Injectable()
class OutermostService {
  @Inject(OuterService) readonly outer!: OuterService;
}

@Injectable()
class CountingGuard implements CanActivate {
  @Persistent() private readonly visits!: Bag<Visits>;

  canActivate(): boolean {
    this.visits.count = (this.visits.count ?? 0) + 1;
    return true;
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestGuard extends CountingGuard {}

@Injectable()
class CountingInterceptor implements NestInterceptor {
  @Persistent() private readonly visits!: Bag<Visits>;

  intercept(_: ExecutionContext, next: CallHandler) {
    this.visits.count = (this.visits.count ?? 0) + 1;
    return next.handle();
  }
}

@Injectable()
class CountingPipe implements PipeTransform {
  constructor(private readonly service: CountingService) {}

  transform(value: unknown): unknown {
    this.service.count();
    return value;
  }
}

@Catch(BadRequestException)
class CountingFilter implements ExceptionFilter {
  @Persistent() private readonly visits!: Bag<Visits>;

  catch(error: BadRequestException, host: ArgumentsHost): void {
    this.visits.count = (this.visits.count ?? 0) + 1;
    const response = host.switchToHttp().getResponse<{
      status(code: number): { send(body: object): void };
    }>();
    response.status(400).send({ message: error.message });
  }
}

abstract class Base {
  @Persistent() protected readonly visits!: Bag<Visits>;

  protected count(): number {
    return (this.visits.count = (this.visits.count ?? 0) + 1);
  }
}

@Controller('it')
export class BareController {
  @Get()
  it() {
    return {};
  }
}

@Controller('it')
export class HostController extends Base {
  @Get()
  it() {
    return { count: this.count() };
  }
}

@Controller({ path: 'it', scope: Scope.REQUEST })
class RequestController extends Base {
  @Get()
  it() {
    return { count: this.count() };
  }
}

@Controller('it')
class NamedController {
  @Persistent('Named') private readonly visits!: Bag<Visits>;
  @Persistent() private readonly own!: Bag<Visits>;

  @Get()
  it() {
    this.own.count = 100;
    return { count: (this.visits.count = (this.visits.count ?? 0) + 1) };
  }
}

@Controller('it')
class NestedController {
  constructor(private readonly service: OutermostService) {}

  @Get()
  it() {
    return { count: this.service.outer.inner.count() };
  }
}

@Controller('it')
class ForwardController {
  constructor(
    @Optional()
    @Inject(forwardRef(() => CountingService))
    private readonly service: CountingService,
  ) {}

  @Get()
  it() {
    return { count: this.service.count() };
  }
}

@Controller('it')
class TokenController {
  constructor(@Inject('COUNTER') private readonly counter: CountingService) {}

  @Get()
  it() {
    return { count: this.counter.count() };
  }
}

@Controller('it')
class FactoryController {
  constructor(@Inject('COUNT') private readonly count: () => number) {}

  @Get()
  it() {
    return { count: this.count() };
  }
}

@Controller('it')
@UseGuards(CountingGuard)
class GuardedController extends BareController {}

@Controller('it')
@UseGuards(RequestGuard)
class RequestGuardedController extends BareController {}

@Controller('it')
class MethodController {
  @Get()
  @UseGuards(CountingGuard)
  it() {
    return {};
  }
}

@Controller('it')
@UseInterceptors(CountingInterceptor)
class InterceptedController extends BareController {}

@Controller('it')
@UsePipes(CountingPipe)
class PipedController {
  @Get()
  it(@Param('none') none: string) {
    return { none };
  }
}

@Controller('it')
class ParamPipeController {
  @Get()
  it(@Param('none', CountingPipe) none: string) {
    return { none };
  }
}

@Controller('it')
class ParamController {
  @Get()
  it(@Param('none') none: string) {
    return { none };
  }
}

@Controller('it')
@UseFilters(CountingFilter)
class FilteredController {
  @Get()
  it() {
    throw new BadRequestException();
  }
}

@Controller('it')
class FailingController {
  @Get()
  it() {
    throw new BadRequestException();
  }
}

const counting = [CountingService];
const factory = (scope: Scope) => ({
  provide: 'COUNT',
  scope,
  inject: [{ token: CountingService, optional: true }],
  useFactory: (service: CountingService) => () => service.count(),
});

/** Who has the bag, what the bag is called, and an application whose route /it counts in it. */
export type PersistentCase = readonly [
  what: string,
  bag: string,
  module: ModuleMetadata,
  configure?: (app: INestApplication) => void,
];

/** Those that concern the routes of one controller. */
export const onOneController: readonly PersistentCase[] = [
  [
    'a controller, inheriting from a base class',
    'HostController',
    { controllers: [HostController] },
  ],
  ['a request-scoped controller', 'RequestController', { controllers: [RequestController] }],
  ['a bag with a name of its own', 'Named', { controllers: [NamedController] }],
  [
    'a service three levels down',
    'CountingService',
    {
      controllers: [NestedController],
      providers: [OutermostService, OuterService, ...counting],
    },
  ],
  [
    'a forward reference',
    'CountingService',
    { controllers: [ForwardController], providers: counting },
  ],
  [
    'a class under a token',
    'CountingService',
    {
      controllers: [TokenController],
      providers: [{ provide: 'COUNTER', useClass: CountingService }],
    },
  ],
  [
    'an alias',
    'CountingService',
    {
      controllers: [TokenController],
      providers: [...counting, { provide: 'COUNTER', useExisting: CountingService }],
    },
  ],
  [
    'a factory',
    'CountingService',
    { controllers: [FactoryController], providers: [...counting, factory(Scope.DEFAULT)] },
  ],
  [
    'a request-scoped factory',
    'CountingService',
    { controllers: [FactoryController], providers: [...counting, factory(Scope.REQUEST)] },
  ],
  ['a guard', 'CountingGuard', { controllers: [GuardedController] }],
  ['a request-scoped guard', 'RequestGuard', { controllers: [RequestGuardedController] }],
  ['the guard of one method', 'CountingGuard', { controllers: [MethodController] }],
  ['an interceptor', 'CountingInterceptor', { controllers: [InterceptedController] }],
  [
    'a pipe with a service',
    'CountingService',
    { controllers: [PipedController], providers: counting },
  ],
  [
    'the pipe of one parameter',
    'CountingService',
    { controllers: [ParamPipeController], providers: counting },
  ],
  ['a filter', 'CountingFilter', { controllers: [FilteredController] }],
];

const controllers = [BareController];
/** Those that concern every route. */
export const onEveryRoute: readonly PersistentCase[] = [
  ['APP_GUARD', 'CountingGuard', global(APP_GUARD, CountingGuard)],
  [
    'a request-scoped APP_GUARD',
    'RequestGuard',
    {
      controllers,
      providers: [{ provide: APP_GUARD, useClass: RequestGuard, scope: Scope.REQUEST }],
    },
  ],
  [
    'APP_GUARD as an alias',
    'CountingGuard',
    {
      controllers,
      providers: [CountingGuard, { provide: APP_GUARD, useExisting: CountingGuard }],
    },
  ],
  ['APP_INTERCEPTOR', 'CountingInterceptor', global(APP_INTERCEPTOR, CountingInterceptor)],
  [
    'APP_PIPE',
    'CountingService',
    {
      controllers: [ParamController],
      providers: [...counting, { provide: APP_PIPE, useClass: CountingPipe }],
    },
  ],
  [
    'APP_FILTER',
    'CountingFilter',
    {
      controllers: [FailingController],
      providers: [{ provide: APP_FILTER, useClass: CountingFilter }],
    },
  ],
  [
    'useGlobalGuards with an instance of the container',
    'CountingGuard',
    { controllers, providers: [CountingGuard] },
    (app) => app.useGlobalGuards(app.get(CountingGuard)),
  ],
  [
    'useGlobalInterceptors with an instance of the container',
    'CountingInterceptor',
    { controllers, providers: [CountingInterceptor] },
    (app) => app.useGlobalInterceptors(app.get(CountingInterceptor)),
  ],
  [
    'useGlobalFilters with an instance of the container',
    'CountingFilter',
    { controllers: [FailingController], providers: [CountingFilter] },
    (app) => app.useGlobalFilters(app.get(CountingFilter)),
  ],
];

function global(token: string, useClass: Type): ModuleMetadata {
  return { controllers: [BareController], providers: [{ provide: token, useClass }] };
}
