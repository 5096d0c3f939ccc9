import { Body, Controller, Get, Post, Redirect } from '@nestjs/common';
import { type Bag, SessionBag, SessionContext } from 'nestjs-session-bag';
import { ProductId, PRODUCTS } from '../catalog/products.js';
import { choicePipe } from '../pages/choice.pipe.js';
import { Page } from '../pages/page.decorator.js';
import { AmountPipe } from './amount.pipe.js';
import { type Cart, cartContents, changedCount, fits, MOST_OF_EACH } from './cart.js';

const productPipe = choicePipe(ProductId, 'There is no such coffee.');

/** A bag of the session: a group of variables that are used like an object's properties. */
@Controller('cart')
export class CartController {
  constructor(private readonly sessions: SessionContext) {}

  @Get()
  @Page('cart')
  show(@SessionBag('cart') cart: Bag<Cart>): object {
    return { ...cartContents(cart), isStored: this.sessions.session.key !== '' };
  }

  @Post('add')
  @Redirect('/', 303)
  async add(
    @SessionBag('cart') cart: Bag<Cart>,
    @Body('product', productPipe) id: ProductId,
  ): Promise<void> {
    const { flash } = this.sessions.session;
    if (fits(cart[id], 1)) flash.success(`${PRODUCTS[id].name} is in your bag.`);
    else flash.notice(limitOf(id));
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
    if (!fits(cart[id], by)) this.sessions.session.flash.notice(limitOf(id));
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
    this.sessions.session.flash.notice('Everything is out of your bag.');
  }
}

function limitOf(id: ProductId): string {
  return `No more than ${MOST_OF_EACH} of ${PRODUCTS[id].name} go into one order.`;
}
