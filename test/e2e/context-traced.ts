import { Readable } from 'node:stream';
import { setImmediate as immediately, setTimeout as delay } from 'node:timers/promises';
import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  type NestInterceptor,
  type NestMiddleware,
  Param,
  type PipeTransform,
  Post,
  StreamableFile,
  UploadedFile,
  UseGuards,
  UseInterceptors,
  UsePipes,
  Version,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { SessionContext } from 'nestjs-session-bag';
import { mergeMap } from 'rxjs';

/** Notes in the session that code has run at some place of a request. */
@Injectable()
export class Trace {
  constructor(private readonly context: SessionContext) {}

  async note(place: string): Promise<void> {
    const session = await this.context.start();
    session.bag('trace')[place] = true;
  }
}

@Injectable()
export class TracingMiddleware implements NestMiddleware {
  constructor(private readonly trace: Trace) {}

  use(_: unknown, __: unknown, next: (error?: unknown) => void): void {
    this.trace.note('middleware').then(() => next(), next);
  }
}

@Injectable()
class TracingGuard implements CanActivate {
  constructor(private readonly trace: Trace) {}

  async canActivate(): Promise<boolean> {
    await this.trace.note('guard');
    return true;
  }
}

@Injectable()
class TracingInterceptor implements NestInterceptor {
  constructor(private readonly trace: Trace) {}

  async intercept(_: ExecutionContext, next: CallHandler) {
    await this.trace.note('interceptor');
    return next.handle().pipe(
      mergeMap(async (value: unknown) => {
        await this.trace.note('interceptor after');
        return value;
      }),
    );
  }
}

@Injectable()
class TracingPipe implements PipeTransform {
  constructor(private readonly trace: Trace) {}

  async transform(value: unknown): Promise<unknown> {
    await this.trace.note('pipe');
    return value;
  }
}

@Catch()
export class TracingFilter implements ExceptionFilter {
  constructor(private readonly trace: Trace) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    await this.trace.note('filter');
    const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
    const response = host.switchToHttp().getResponse<{
      status(code: number): { send(body: object): void };
    }>();
    response.status(status).send({ filtered: true });
  }
}

@Controller()
export class TracedController {
  constructor(
    private readonly trace: Trace,
    private readonly context: SessionContext,
  ) {}

  @Get('me')
  me() {
    return this.trace.note('me').then(() => ({}));
  }

  @Get('layers/:id')
  @UseGuards(TracingGuard)
  @UseInterceptors(TracingInterceptor)
  @UsePipes(TracingPipe)
  async layers(@Param('id') id: string) {
    await this.trace.note('handler');
    return { id };
  }

  @Get('late')
  async late() {
    await delay(1);
    await this.trace.note('timer');
    await immediately();
    await this.trace.note('immediate');
    await new Promise<void>((resolve, reject) => {
      process.nextTick(() => this.trace.note('tick').then(resolve, reject));
    });
    await Promise.all([this.trace.note('promise'), fetchNothing(() => this.trace.note('stream'))]);
    return {};
  }

  @Get('streamed')
  async streamed() {
    await this.trace.note('before');
    return new StreamableFile(Readable.from(this.#lines()));
  }

  @Post('json')
  @UseGuards(TracingGuard)
  async json(@Body() body: { text: string }) {
    await this.trace.note('handler');
    return { length: body.text.length };
  }

  @Post('multipart')
  @UseGuards(TracingGuard)
  @UseInterceptors(FileInterceptor('file'))
  async upload(@UploadedFile() file?: { size: number }) {
    await this.trace.note('handler');
    return { size: file?.size };
  }

  @Post('parsed')
  @UseGuards(TracingGuard)
  async parsed(@Body() body: { size: number }) {
    await this.trace.note('handler');
    return { size: body.size };
  }

  @Get('own/:name')
  async own(@Param('name') name: string) {
    const session = await this.context.start();
    session.set('name', name);
    for (let turn = 0; turn < 5; turn++) {
      await delay(Math.random() * 3);
      if (this.context.session !== session || session.get('name') !== name) return { mixed: true };
    }
    return { name };
  }

  @Get('trace')
  async traced() {
    const session = await this.context.start();
    return session.bag('trace').toJSON();
  }

  async *#lines() {
    await delay(1);
    await this.trace.note('while streaming');
    yield 'line\n';
  }
}

@Controller('versioned')
export class VersionedController {
  constructor(private readonly trace: Trace) {}

  @Version('2')
  @Get()
  async second() {
    await this.trace.note('version 2');
    return {};
  }
}

@Controller({ host: '127.0.0.1', path: 'host', version: VERSION_NEUTRAL })
export class HostController {
  constructor(private readonly trace: Trace) {}

  @Get()
  async shop() {
    await this.trace.note('host');
    return {};
  }
}

function statusOf(error: unknown): number {
  const { statusCode, status } = (error ?? {}) as { statusCode?: number; status?: number };
  return statusCode ?? status ?? 500;
}

/** Reads a stream to its end, and then calls back from its event. */
function fetchNothing(done: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    Readable.from(['nothing'])
      .on('data', () => {})
      .on('end', () => void done().then(resolve, reject));
  });
}
