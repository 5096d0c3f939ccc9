import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { SessionContext } from 'nestjs-session-bag';
import { mergeMap, type Observable } from 'rxjs';
import { Views } from './views.js';
import { visitorOf } from './visitor.js';

export const PageView = Reflector.createDecorator<{ view: string; usesSession: boolean }>();

/** Turns what a handler returns into its page. */
@Injectable()
export class PageInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly views: Views,
    private readonly sessions: SessionContext,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<object | undefined>): Observable<string> {
    const { view, usesSession } = this.reflector.get(PageView, context.getHandler());
    return next.handle().pipe(
      mergeMap(async (content) => {
        const visitor = usesSession ? visitorOf(await this.sessions.start()) : undefined;
        return this.views.render(view, { ...content, visitor });
      }),
    );
  }
}
