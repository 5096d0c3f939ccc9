import type { SessionService } from 'nestjs-session-bag';
import { type Cart, cartContents } from '../cart/cart.js';

/** What the live page shows. */
export function liveContents(session: SessionService) {
  const { owner, key } = session;
  return { ...cartContents(session.bag<Cart>('cart')), owner, key, names: session.keys() };
}
