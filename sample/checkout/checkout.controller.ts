import { Body, Controller, Get, Post, Query, Redirect } from '@nestjs/common';
import { type Bag, Persistent, SessionBag, SessionContext } from 'nestjs-session-bag';
import { type Cart, cartContents, takeAll } from '../cart/cart.js';
import { choicePipe } from '../pages/choice.pipe.js';
import { FormAgain, isRefused } from '../pages/form-again.js';
import type { Form } from '../pages/form.pipe.js';
import { Page } from '../pages/page.decorator.js';
import { addressPipe } from './address.pipe.js';
import { type Address, DELIVERIES, Delivery, type Order, stepOf } from './order.js';
import { reviewMark } from './review-mark.js';

const deliveryPipe = choicePipe(Delivery, 'Please choose how it shall come.');

/**
 * A form in three steps. One instance serves all visitors, and each of them has an order of their
 * own: the bag leads to the session of the request that uses it.
 */
@Controller('checkout')
export class CheckoutController {
  @Persistent() private readonly order!: Bag<Order>;

  constructor(private readonly sessions: SessionContext) {}

  /** What is known says which step comes next, so that leaving and coming back goes on there. */
  @Get()
  @Page('checkout')
  show(@SessionBag('cart') cart: Bag<Cart>, @Query('step') wanted?: string): object {
    const contents = cartContents(cart);
    if (contents.lines.length === 0) return { step: 'empty' };
    const step = stepOf(this.order, wanted);
    const saved = this.sessions.session.get('address');
    const { address = saved, delivery } = this.order;
    const seen = reviewMark(cart.toJSON(), this.order.toJSON());
    return { ...contents, step, address, delivery, deliveries: DELIVERIES, seen };
  }

  @Post('address')
  @Redirect('/checkout', 303)
  chooseAddress(@Body(addressPipe) form: Form<keyof Address>): void {
    if (isRefused(form)) throw new FormAgain('checkout', form, { step: 'address' });
    this.order.address = form.typed;
  }

  @Post('delivery')
  @Redirect('/checkout', 303)
  chooseDelivery(@Body('delivery', deliveryPipe) delivery: Delivery): void {
    this.order.delivery = delivery;
  }

  /** With update(), which takes the cart, two tabs at once place one order. */
  @Post('order')
  @Redirect('/', 303)
  async placeOrder(@Body('seen') seen: unknown): Promise<{ url: string }> {
    const { flash } = this.sessions.session;
    const { address, delivery, placedFor } = this.order;
    const taking = await takeAll(this.sessions.session, (cart) => {
      if (address === undefined || delivery === undefined) return false;
      // Who orders without the page has seen no other one.
      return seen === undefined || seen === reviewMark(cart, { address, delivery });
    });
    if (taking === 'changed') {
      flash.warning('Nothing is ordered yet: something has changed, or is missing.');
      return { url: '/checkout' };
    }
    if (taking === 'taken' && address) {
      this.order.init({ placedFor: address.name });
      flash.success(`Thank you, ${address.name}. Your coffee is on its way.`);
    } else if (placedFor === undefined) {
      flash.warning('Your bag is empty, so there is nothing more to order.');
    } else {
      flash.notice(`Your order is placed, ${placedFor}. There is nothing more in your bag.`);
    }
    return { url: '/' };
  }
}
