import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { nextName, user, type User } from './contents.js';

/** Injecting the service makes a controller request-scoped: Nest builds it for every request. */
@Controller('scoped')
export class ScopedController {
  constructor(private readonly session: SessionService) {}

  @Get('read') read(): object {
    return { name: this.session.bag<User>('user').name ?? user.name };
  }

  @Post('write') @HttpCode(200) write(): object {
    const name = nextName();
    this.session.bag<User>('user').name = name;
    return { name };
  }
}
