import { Body, Controller, Get, ParseIntPipe, Post, Redirect } from '@nestjs/common';
import { type Bag, Persistent } from 'nestjs-session-bag';
import { TextPipe } from '../html/text.pipe.js';
import { HtmlPage } from '../html/page.js';
import { type Trip, wizardPage } from './wizard.page.js';

/**
 * A form in three steps. One instance serves all visitors, and each of them has a trip of their own:
 * the bag leads to the session of the request that uses it.
 */
@Controller('wizard')
export class WizardController {
  @Persistent() private readonly trip!: Bag<Trip>;

  @Get()
  @HtmlPage()
  show(): string {
    return wizardPage(this.trip);
  }

  @Post('destination')
  @Redirect('/wizard', 303)
  chooseDestination(@Body('destination', TextPipe) destination: string): void {
    this.trip.destination = destination;
  }

  @Post('nights')
  @Redirect('/wizard', 303)
  chooseNights(@Body('nights', ParseIntPipe) nights: number): void {
    this.trip.nights = nights;
  }

  @Post('restart')
  @Redirect('/wizard', 303)
  restart(): void {
    this.trip.clear();
  }
}
