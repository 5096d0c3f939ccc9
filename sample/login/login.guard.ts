import { type CanActivate, Injectable, UnauthorizedException } from '@nestjs/common';
import { SessionContext } from 'nestjs-session-bag';

/** Lets in who is logged in. */
@Injectable()
export class LoginGuard implements CanActivate {
  constructor(private readonly sessions: SessionContext) {}

  async canActivate(): Promise<boolean> {
    const { owner } = await this.sessions.start();
    if (owner !== undefined) return true;
    throw new UnauthorizedException('Please log in first.');
  }
}
