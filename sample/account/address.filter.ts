import { type ArgumentsHost, Catch, UnauthorizedException } from '@nestjs/common';
import { addressPipe } from '../checkout/address.pipe.js';
import type { Address } from '../checkout/order.js';
import { LoginFilter } from '../login/login.filter.js';

declare module 'nestjs-session-bag' {
  interface SessionData {
    /** What was typed when a recent login was missing. */
    typedAddress: Address;
  }
}

/** What both platforms have on a request. */
interface SentRequest {
  readonly method: string;
  readonly body?: unknown;
}

/** Keeps what was typed until the login is done. It is not saved: somebody else may sit there. */
@Catch(UnauthorizedException)
export class AddressFilter extends LoginFilter {
  override catch(error: UnauthorizedException, host: ArgumentsHost): void {
    const { method, body } = host.switchToHttp().getRequest<SentRequest>();
    const { session } = this.sessions;
    const form = method === 'POST' ? addressPipe.read(body) : undefined;
    // Without an owner nobody knows whose it is.
    if (form && session.owner !== undefined) session.set('typedAddress', form.typed);
    this.leadToLogin(error, host);
  }
}
