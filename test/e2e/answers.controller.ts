import {
  type ArgumentsHost,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  Get,
  HttpCode,
  Post,
  Redirect,
  Res,
  Sse,
  StreamableFile,
  UseFilters,
} from '@nestjs/common';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { SessionService } from 'nestjs-session-bag';
import { of } from 'rxjs';
import { type PlatformResponse, rawOf, takeOver } from '../support/raw-response.js';

class Teapot extends Error {}

@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch(_error: Teapot, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<PlatformResponse>();
    void response.status(418).send('short and stout');
  }
}

/** What streams send. */
export const sent = { file: '' };

/** Every route changes the session, and then answers in its own way. */
@Controller()
export class AnswersController {
  constructor(private readonly session: SessionService) {}

  @Post('begin')
  begin(): string {
    return this.changed('begun');
  }

  @Get('json')
  json(): object {
    return { said: this.changed('json') };
  }

  @Get('text')
  text(): string {
    return this.changed('text');
  }

  @Get('redirect')
  @Redirect('/elsewhere', 302)
  redirect(): void {
    this.changed();
  }

  @Get('redirect-by-hand')
  redirectByHand(@Res() response: PlatformResponse): void {
    this.changed();
    void response.status(302).redirect('/elsewhere');
  }

  @Delete('nothing')
  @HttpCode(204)
  nothing(): void {
    this.changed();
  }

  @Get('not-modified')
  notModified(@Res() response: PlatformResponse): void {
    this.changed();
    void response.header('ETag', '"1"').status(304).send();
  }

  @Get('streamable')
  streamable(): StreamableFile {
    this.changed();
    return new StreamableFile(createReadStream(sent.file));
  }

  @Get('buffer')
  buffer(): StreamableFile {
    this.changed();
    return new StreamableFile(Buffer.from('a file'));
  }

  @Sse('events')
  events(): object {
    return of({ data: this.changed('event') });
  }

  @Get('written')
  written(@Res() response: PlatformResponse): void {
    this.changed();
    const raw = takeOver(response);
    raw.write('one ');
    raw.end('two');
  }

  @Get('head-by-hand')
  headByHand(@Res() response: PlatformResponse): void {
    this.changed();
    takeOver(response).writeHead(202, 'Well taken', { 'X-Own': 'yes' }).end('taken');
  }

  @Get('flushed')
  flushed(@Res() response: PlatformResponse): void {
    this.changed();
    const raw = takeOver(response);
    raw.flushHeaders();
    raw.end('flushed');
  }

  @Get('piped')
  piped(@Res() response: PlatformResponse): void {
    this.changed();
    Readable.from(['one ', 'two']).pipe(takeOver(response));
  }

  @Get('thrown')
  thrown(): never {
    this.changed();
    throw new Error('The handler failed.');
  }

  @Get('filtered')
  @UseFilters(TeapotFilter)
  filtered(): never {
    this.changed();
    throw new Teapot();
  }

  @Get('saving')
  saving(): string {
    this.changed();
    void this.session.save();
    return 'saving';
  }

  @Get('updating')
  updating(): string {
    void this.session.update('at', () => Date.now());
    return 'updating';
  }

  @Get('hints')
  hints(@Res({ passthrough: true }) response: PlatformResponse): string {
    this.changed();
    rawOf(response).writeEarlyHints({ link: '</style.css>; rel=preload' });
    return 'hinted';
  }

  @Post('upload')
  upload(): string {
    return this.changed('uploaded');
  }

  private changed(text = ''): string {
    this.session.set('at', Math.random());
    return text;
  }
}

@Controller('plain')
export class PlainController {
  @Get()
  plain(): string {
    return 'plain';
  }
}
