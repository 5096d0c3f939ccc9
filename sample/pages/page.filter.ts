import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SessionException } from 'nestjs-session-bag';
import { Views } from './views.js';

/** A page for what went wrong. It uses no session: that may be the very thing that is missing. */
@Catch()
export class PageFilter implements ExceptionFilter {
  readonly #logger = new Logger(PageFilter.name);

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly views: Views,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response: unknown = host.switchToHttp().getResponse();
    const { httpAdapter } = this.adapterHost;
    const status = statusOf(error);
    if (status >= 500) this.#logger.error(error);
    if (httpAdapter.isHeadersSent(response)) return void httpAdapter.end(response);
    httpAdapter.setHeader(response, 'Content-Type', 'text/html; charset=utf-8');
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    httpAdapter.reply(
      response,
      this.views.render('error', { status, text: textOf(error) }),
      status,
    );
  }
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const isKnown = error instanceof SessionException && 'statusCode' in error;
  return isKnown ? Number(error.statusCode) : 500;
}

/** What the application itself says to a visitor; nothing of other errors. */
function textOf(error: unknown): string {
  return error instanceof HttpException ? error.message : 'Please try again in a moment.';
}
