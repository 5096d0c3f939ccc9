import { Controller, Get } from '@nestjs/common';
import { HtmlPage } from '../html/page.js';
import { homePage } from './home.page.js';

/** Uses no session: a visit here asks the store for nothing and sends no cookie. */
@Controller()
export class HomeController {
  @Get()
  @HtmlPage()
  show(): string {
    return homePage();
  }
}
