import { Body, Controller, Get, ParseEnumPipe, Post, Redirect } from '@nestjs/common';
import { type Bag, SessionBag, SessionContext } from 'nestjs-session-bag';
import { ProductId, PRODUCTS } from '../catalog/products.js';
import { Page } from '../pages/page.decorator.js';
import { AmountPipe } from './amount.pipe.js';
import { type Cart, cartContents, changedCount } from './cart.js';

const productPipe = new ParseEnumPipe(ProductId);

/** A bag of the session: a group of variables that are used like an object's properties. */
@Controller('cart')
export class CartController {
  constructor(private readonly sessions: SessionContext) {}

  @Get()
  @Page('cart')
  show(@SessionBag('cart') cart: Bag<Cart>): object {
    return cartContents(cart);
  }

  @Post('add')
  @Redirect('/', 303)
  async add(
    @SessionBag('cart') cart: Bag<Cart>,
    @Body('product', productPipe) id: ProductId,
  ): Promise<void> {
    this.sessions.session.flash.success(`${PRODUCTS[id].name} is in your bag.`);
    await cart.update(id, (count) => changedCount(count, 1));
  }

  /** With update() two clicks at once count as two; undefined removes. */
  @Post('change')
  @Redirect('/cart', 303)
  async change(
    @SessionBag('cart') cart: Bag<Cart>,
    @Body('product', productPipe) id: ProductId,
    @Body('by', AmountPipe) by: number,
  ): Promise<void> {
    await cart.update(id, (count) => changedCount(count, by));
  }

  @Post('remove')
  @Redirect('/cart', 303)
  remove(@SessionBag('cart') cart: Bag<Cart>, @Body('product', productPipe) id: ProductId): void {
    delete cart[id];
  }

  @Post('clear')
  @Redirect('/cart', 303)
  clear(@SessionBag('cart') cart: Bag<Cart>): void {
    cart.clear();
    this.sessions.session.flash.notice('Your bag is empty.');
  }
}
