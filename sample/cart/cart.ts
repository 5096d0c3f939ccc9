import type { Bag } from 'nestjs-session-bag';
import { type ProductId, PRODUCTS } from '../catalog/products.js';

/** How many of each. */
export type Cart = Record<ProductId, number>;

/** What a page shows of the cart. */
export function cartContents(cart: Bag<Cart>) {
  const lines = cart
    .keys()
    .map((id) => ({ id, count: cart[id] ?? 0, product: PRODUCTS[id] }))
    .map((line) => ({ ...line, price: line.count * line.product.price }));
  return {
    lines,
    articles: lines.reduce((total, { count }) => total + count, 0),
    total: lines.reduce((total, { price }) => total + price, 0),
  };
}
