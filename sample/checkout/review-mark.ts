import { createHash } from 'node:crypto';
import type { Cart } from '../cart/cart.js';
import type { Order } from './order.js';

/**
 * Stands for all that the last step shows, and is sent with it: what is ordered is what was seen,
 * whatever another tab does meanwhile.
 */
export function reviewMark(cart: Partial<Cart>, { address, delivery }: Partial<Order>): string {
  const { name, street, city } = address ?? {};
  const counts = Object.entries(cart).map(([id, count]) => `${id} ${count}`);
  const seen = [counts.toSorted(), name, street, city, delivery];
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 22);
}
