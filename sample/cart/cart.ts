export const ARTICLES = { apple: 'apple', bread: 'bread', coffee: 'coffee' } as const;

export type Article = keyof typeof ARTICLES;

/** How many of each. */
export type Cart = Record<Article, number>;
