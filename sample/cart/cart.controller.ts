import { Body, Controller, Get, ParseEnumPipe, Post, Redirect } from '@nestjs/common';
import { type Bag, SessionBag } from 'nestjs-session-bag';
import { HtmlPage } from '../html/page.js';
import { type Article, ARTICLES, type Cart } from './cart.js';
import { cartPage } from './cart.page.js';

const articlePipe = new ParseEnumPipe(ARTICLES);

/** A bag: a group of variables that are used like an object's properties. */
@Controller('cart')
export class CartController {
  @Get()
  @HtmlPage()
  show(@SessionBag('cart') cart: Bag<Cart>): string {
    return cartPage(cart);
  }

  /** With update() two clicks at once count as two. */
  @Post('add')
  @Redirect('/cart', 303)
  async add(
    @SessionBag('cart') cart: Bag<Cart>,
    @Body('article', articlePipe) article: Article,
  ): Promise<void> {
    await cart.update(article, (count = 0) => count + 1);
  }

  @Post('remove')
  @Redirect('/cart', 303)
  remove(
    @SessionBag('cart') cart: Bag<Cart>,
    @Body('article', articlePipe) article: Article,
  ): void {
    delete cart[article];
  }

  @Post('clear')
  @Redirect('/cart', 303)
  clear(@SessionBag('cart') cart: Bag<Cart>): void {
    cart.clear();
  }
}
