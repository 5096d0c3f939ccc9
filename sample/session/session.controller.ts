import { Body, Controller, Get, Post, Redirect } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { choicePipe } from '../pages/choice.pipe.js';
import { Page } from '../pages/page.decorator.js';

export const Grind = { beans: 'beans', filter: 'filter', espresso: 'espresso' } as const;

export type Grind = keyof typeof Grind;

const grindPipe = choicePipe(Grind, 'We do not grind it like that.');

declare module 'nestjs-session-bag' {
  interface SessionData {
    grind: Grind;
    /** Where a login leads to. */
    returnTo: string;
  }
}

/** Variables of the session, and what it tells of itself. */
@Controller('session')
export class SessionController {
  constructor(private readonly session: SessionService) {}

  @Get()
  @Page('session')
  show(): object {
    const { session } = this;
    return { session, grind: session.get('grind', 'beans'), grinds: Object.keys(Grind) };
  }

  @Post()
  @Redirect('/session', 303)
  save(@Body('grind', grindPipe) grind: Grind): void {
    this.session.set('grind', grind).flash.success('Stored before this page was sent.');
  }

  @Post('remove')
  @Redirect('/session', 303)
  remove(): void {
    this.session.remove('grind');
  }

  /** A new id for the same session. The old one opens nothing. */
  @Post('renew')
  @Redirect('/session', 303)
  async renew(): Promise<void> {
    await this.session.regenerateId();
    this.session.flash.success('The session has a new id, and so a new key.');
  }
}
