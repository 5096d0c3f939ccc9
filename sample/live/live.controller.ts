import { Controller, Get, UseFilters, UseGuards } from '@nestjs/common';
import { SessionService } from 'nestjs-session-bag';
import { LoginFilter } from '../login/login.filter.js';
import { LoginGuard } from '../login/login.guard.js';
import { Page } from '../pages/page.decorator.js';
import { liveContents } from './live-contents.js';

/** The session as it is now. With JavaScript, the page follows what other tabs do to it. */
@Controller('live')
@UseGuards(LoginGuard)
@UseFilters(LoginFilter)
export class LiveController {
  constructor(private readonly session: SessionService) {}

  @Get()
  @Page('live')
  show(): object {
    return liveContents(this.session);
  }
}
