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
  Inject,
  Injectable,
  type NestInterceptor,
  Optional,
  Param,
  type PipeTransform,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
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
export class OuterService {
  constructor(readonly inner: CountingService) {}
}

@Injectable()
export class OutermostService {
  @Inject(OuterService) readonly outer!: OuterService;
}

@Injectable()
export class CountingGuard implements CanActivate {
  @Persistent() private readonly visits!: Bag<Visits>;

  canActivate(): boolean {
    this.visits.count = (this.visits.count ?? 0) + 1;
    return true;
  }
}

@Injectable({ scope: Scope.REQUEST })
export class RequestGuard extends CountingGuard {}

@Injectable()
export class CountingInterceptor implements NestInterceptor {
  @Persistent() private readonly visits!: Bag<Visits>;

  intercept(_: ExecutionContext, next: CallHandler) {
    this.visits.count = (this.visits.count ?? 0) + 1;
    return next.handle();
  }
}

@Injectable()
export class CountingPipe implements PipeTransform {
  constructor(private readonly service: CountingService) {}

  transform(value: unknown): unknown {
    this.service.count();
    return value;
  }
}

@Catch(BadRequestException)
export class CountingFilter implements ExceptionFilter {
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
export class RequestController extends Base {
  @Get()
  it() {
    return { count: this.count() };
  }
}

@Controller('it')
export class NamedController {
  @Persistent('Named') private readonly visits!: Bag<Visits>;
  @Persistent() private readonly own!: Bag<Visits>;

  @Get()
  it() {
    this.own.count = 100;
    return { count: (this.visits.count = (this.visits.count ?? 0) + 1) };
  }
}

@Controller('it')
export class NestedController {
  constructor(private readonly service: OutermostService) {}

  @Get()
  it() {
    return { count: this.service.outer.inner.count() };
  }
}

@Controller('it')
export class ForwardController {
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
export class TokenController {
  constructor(@Inject('COUNTER') private readonly counter: CountingService) {}

  @Get()
  it() {
    return { count: this.counter.count() };
  }
}

@Controller('it')
export class FactoryController {
  constructor(@Inject('COUNT') private readonly count: () => number) {}

  @Get()
  it() {
    return { count: this.count() };
  }
}

@Controller('it')
@UseGuards(CountingGuard)
export class GuardedController extends BareController {}

@Controller('it')
@UseGuards(RequestGuard)
export class RequestGuardedController extends BareController {}

@Controller('it')
export class MethodController {
  @Get()
  @UseGuards(CountingGuard)
  it() {
    return {};
  }
}

@Controller('it')
@UseInterceptors(CountingInterceptor)
export class InterceptedController extends BareController {}

@Controller('it')
@UsePipes(CountingPipe)
export class PipedController {
  @Get()
  it(@Param('none') none: string) {
    return { none };
  }
}

@Controller('it')
export class ParamPipeController {
  @Get()
  it(@Param('none', CountingPipe) none: string) {
    return { none };
  }
}

@Controller('it')
export class ParamController {
  @Get()
  it(@Param('none') none: string) {
    return { none };
  }
}

@Controller('it')
@UseFilters(CountingFilter)
export class FilteredController {
  @Get()
  it() {
    throw new BadRequestException();
  }
}

@Controller('it')
export class FailingController {
  @Get()
  it() {
    throw new BadRequestException();
  }
}
