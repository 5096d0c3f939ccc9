import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  UnauthorizedException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SessionContext } from 'nestjs-session-bag';

/** Only these, so that no address from outside is ever redirected to. */
const RETURN_TO: readonly string[] = ['/devices', '/address', '/live'];

/** Leads to the login instead of answering 401, and from there back to the page that was wanted. */
@Catch(UnauthorizedException)
export class LoginFilter implements ExceptionFilter<UnauthorizedException> {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    protected readonly sessions: SessionContext,
  ) {}

  catch(error: UnauthorizedException, host: ArgumentsHost): void {
    this.leadToLogin(error, host);
  }

  protected leadToLogin(error: UnauthorizedException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { httpAdapter } = this.adapterHost;
    const { session } = this.sessions;
    const url = String(httpAdapter.getRequestUrl(http.getRequest()));
    const wanted = RETURN_TO.find((path) => url === path || url.startsWith(`${path}/`));
    if (wanted !== undefined) session.set('returnTo', wanted);
    session.flash.notice(error.message);
    httpAdapter.redirect(http.getResponse(), 303, '/login');
  }
}
