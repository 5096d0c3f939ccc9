import { Body, Controller, Get, Post, Redirect } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { FormAgain, isRefused } from '../pages/form-again.js';
import { type Form, FormPipe } from '../pages/form.pipe.js';
import { Page } from '../pages/page.decorator.js';

const notePipe = new FormPipe(['note']);

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
  save(@Body(notePipe) form: Form<'note'>): void {
    if (isRefused(form)) throw new FormAgain('admin', form, this.show());
    this.session.set('note', form.typed.note).flash.success('Noted.');
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
