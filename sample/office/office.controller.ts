import { Body, Controller, Get, Post, Redirect } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { TextPipe } from '../html/text.pipe.js';
import { HtmlPage } from '../html/page.js';
import { officePage } from './office.page.js';

/** In the same session as the shop, where it has a nickname of its own. */
@Controller('office')
export class OfficeController {
  constructor(private readonly session: SessionService) {}

  @Get()
  @HtmlPage()
  show(): string {
    return officePage(this.session);
  }

  @Post()
  @Redirect('/office', 303)
  save(@Body('nickname', TextPipe) nickname: string): void {
    this.session.set('nickname', nickname);
  }

  /** Only this application's variables go. */
  @Post('clear')
  @Redirect('/office', 303)
  clear(): void {
    this.session.clear();
  }

  /** Ends the session for both applications. */
  @Post('logout')
  @Redirect('/office', 303)
  async logout(): Promise<void> {
    await this.session.destroy();
  }
}
