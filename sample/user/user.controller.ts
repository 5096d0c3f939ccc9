import { Body, Controller, Get, ParseIntPipe, Post, Redirect } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { TextPipe } from '../html/text.pipe.js';
import { HtmlPage } from '../html/page.js';
import { userPage } from './user.page.js';

/** With types for its variables, get('nickname') is a string and set('luckyNumber', 'x') an error. */
declare module 'nestjs-session-bag' {
  interface SessionData {
    nickname: string;
    luckyNumber: number;
  }
}

/** Variables of the session. The session that is injected has been started. */
@Controller('user')
export class UserController {
  constructor(private readonly session: SessionService) {}

  @Get()
  @HtmlPage()
  show(): string {
    return userPage(this.session);
  }

  @Post()
  @Redirect('/user', 303)
  save(
    @Body('nickname', TextPipe) nickname: string,
    @Body('luckyNumber', ParseIntPipe) luckyNumber: number,
  ): void {
    this.session.set('nickname', nickname).set('luckyNumber', luckyNumber);
  }

  @Post('remove')
  @Redirect('/user', 303)
  remove(): void {
    this.session.remove('luckyNumber');
  }

  @Post('logout')
  @Redirect('/user', 303)
  async logout(): Promise<void> {
    await this.session.destroy();
  }
}
