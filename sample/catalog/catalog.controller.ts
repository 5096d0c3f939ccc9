import { Controller, Get } from '@nestjs/common';
import { Page } from '../pages/page.decorator.js';
import { PRODUCTS } from './products.js';

/** Reads the session for the head of the page: a visitor without one costs no store call. */
@Controller()
export class CatalogController {
  @Get()
  @Page('catalog')
  show(): object {
    return { products: Object.entries(PRODUCTS) };
  }
}
