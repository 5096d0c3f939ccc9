import type { Bag, SessionService } from 'nestjs-session-bag';
import { type ProductId, PRODUCTS } from '../catalog/products.js';

/** How many of each. */
export type Cart = Record<ProductId, number>;

/** How many of each may be in one order. */
export const MOST_OF_EACH = 99;

export function fits(count: number | undefined, by: number): boolean {
  return (count ?? 0) + by <= MOST_OF_EACH;
}

/** @returns undefined for none, which is not kept */
export function changedCount(count: number | undefined, by: number): number | undefined {
  const changed = Math.min((count ?? 0) + by, MOST_OF_EACH);
  return changed > 0 ? changed : undefined;
}

/** What a page shows of the cart. */
export function cartContents(cart: Bag<Cart>) {
  const lines = cart
    .keys()
    // A session may be older than the catalog.
    .filter((id) => Object.hasOwn(PRODUCTS, id))
    .map((id) => ({ id, count: cart[id] ?? 0, product: PRODUCTS[id] }))
    .map((line) => ({ ...line, price: line.count * line.product.price }));
  return {
    lines,
    most: MOST_OF_EACH,
    articles: lines.reduce((total, { count }) => total + count, 0),
    total: lines.reduce((total, { price }) => total + price, 0),
  };
}

/** What became of a cart that was to be taken. */
export type Taking = 'taken' | 'empty' | 'changed';

/**
 * Empties the cart. Of two orders at once, one finds it full.
 *
 * @param isAsSeen whether it is the cart that whoever orders has seen
 */
export async function takeAll(
  session: SessionService,
  isAsSeen: (cart: Cart) => boolean,
): Promise<Taking> {
  let taking: Taking = 'empty';
  await session.update<Cart>('cart', (cart) => {
    if (cart === undefined) taking = 'empty';
    else taking = isAsSeen(cart) ? 'taken' : 'changed';
    return taking === 'taken' ? undefined : cart;
  });
  return taking;
}
