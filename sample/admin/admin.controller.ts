import { Body, Controller, Get, Post, Redirect } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { Page } from '../pages/page.decorator.js';
import { TextPipe } from '../pages/text.pipe.js';

/** In the same session as the shop, where it sees variables of its own only. */
@Controller('admin')
export class AdminController {
  constructor(private readonly session: SessionService) {}

  @Get()
  @Page('admin')
  show(): object {
    return { session: this.session };
  }

  @Post()
  @Redirect('/admin', 303)
  save(@Body('note', TextPipe) note: string): void {
    this.session.set('note', note).flash.success('Noted.');
  }

  /** Only this application's variables go. */
  @Post('clear')
  @Redirect('/admin', 303)
  clear(): void {
    this.session.clear();
  }

  /** Ends the session for both applications. */
  @Post('logout')
  @Redirect('/logged-out', 303)
  async logout(): Promise<void> {
    await this.session.destroy();
  }
}
