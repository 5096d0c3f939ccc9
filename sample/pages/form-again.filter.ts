import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SessionContext } from 'nestjs-session-bag';
import { FormAgain } from './form-again.js';
import { Views } from './views.js';
import { visitorOf } from './visitor.js';

/** Shows a form again that was refused: a page as every other, with the visitor in its head. */
@Catch(FormAgain)
export class FormAgainFilter implements ExceptionFilter<FormAgain> {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly views: Views,
    private readonly sessions: SessionContext,
  ) {}

  async catch(error: FormAgain, host: ArgumentsHost): Promise<void> {
    const response: unknown = host.switchToHttp().getResponse();
    const { httpAdapter } = this.adapterHost;
    const visitor = visitorOf(await this.sessions.start());
    httpAdapter.setHeader(response, 'Content-Type', 'text/html; charset=utf-8');
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    const page = this.views.render(error.view, { ...error.content, visitor });
    httpAdapter.reply(response, page, error.getStatus());
  }
}
