import type { Bag } from 'nestjs-session-bag';

export interface Address {
  readonly name: string;
  readonly street: string;
  readonly city: string;
}

/** What is known of an order so far. */
export interface Order {
  address: Address;
  delivery: Delivery;
  /** The name on the order before, which was placed. */
  placedFor: string;
}

export const Delivery = { bike: 'bike', post: 'post', pickup: 'pickup' } as const;

export type Delivery = keyof typeof Delivery;

export const DELIVERIES: Readonly<Record<Delivery, { label: string; note: string }>> = {
  bike: { label: 'Bike courier', note: 'Today, between 17 and 20 h' },
  post: { label: 'Post', note: 'Within two days' },
  pickup: { label: 'Pick it up', note: 'At the roastery, from tomorrow on' },
};

const STEPS = ['address', 'delivery', 'review'] as const;

export type Step = (typeof STEPS)[number];

/** The step that is asked for, unless something before it is missing. */
export function stepOf(order: Bag<Order>, wanted: string | undefined): Step {
  const next = nextStep(order);
  const asked = STEPS.find((step) => step === wanted) ?? next;
  return STEPS.indexOf(asked) < STEPS.indexOf(next) ? asked : next;
}

function nextStep({ address, delivery }: Bag<Order>): Step {
  if (address === undefined) return 'address';
  return delivery === undefined ? 'delivery' : 'review';
}
