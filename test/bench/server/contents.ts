/** What the sessions of the benchmark hold, whichever library keeps them. */

export interface User {
  name: string;
  age: number;
}

export const user: User = { name: 'Kimbra Johnson', age: 22 };

export const keyNames: readonly string[] = Array.from({ length: 20 }, (_, index) => `key${index}`);

export const keys: Readonly<Record<string, string>> = Object.fromEntries(
  keyNames.map((name) => [name, `value of ${name}`]),
);

export interface Item {
  readonly product: string;
  readonly price: number;
  readonly note: string;
}

/** 10 kB as JSON: a list of objects, as a cart or a wizard has it. */
export const items: readonly Item[] = Array.from({ length: 100 }, (_, index) => ({
  product: `product ${index}`.padEnd(16),
  price: index * 100,
  note: 'n'.repeat(40),
}));

let writes = 0;

/** Another name each time, so that no write can be found to change nothing. */
export function nextName(): string {
  return `Kimbra ${++writes}`;
}
