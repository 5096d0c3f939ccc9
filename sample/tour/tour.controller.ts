import { Controller, Get } from '@nestjs/common';
import { PublicPage } from '../pages/page.decorator.js';
import { STORE_NAMES } from '../stores/open-store.js';
import { STOPS } from './stops.js';

/** Uses no session: a visit here asks the store for nothing and sends no cookie. */
@Controller('tour')
export class TourController {
  @Get()
  @PublicPage('tour')
  show(): object {
    return { stops: STOPS, stores: STORE_NAMES };
  }
}
