export interface Product {
  readonly name: string;
  readonly origin: string;
  readonly taste: string;
  /** In cents. */
  readonly price: number;
  /** Of the bag that it comes in. */
  readonly color: string;
}

/** Every name is its own value, so that it serves as the enumeration of ParseEnumPipe. */
export const ProductId = {
  sidamo: 'sidamo',
  huila: 'huila',
  cerrado: 'cerrado',
  nyeri: 'nyeri',
  gayo: 'gayo',
  siesta: 'siesta',
} as const;

export type ProductId = keyof typeof ProductId;

export const PRODUCTS: Readonly<Record<ProductId, Product>> = {
  sidamo: {
    name: 'Sidamo',
    origin: 'Ethiopia',
    taste: 'Peach, jasmine, black tea',
    price: 1250,
    color: '#c8643c',
  },
  huila: {
    name: 'Huila',
    origin: 'Colombia',
    taste: 'Caramel, red apple',
    price: 1100,
    color: '#3f7d6e',
  },
  cerrado: {
    name: 'Cerrado',
    origin: 'Brazil',
    taste: 'Hazelnut, cocoa',
    price: 950,
    color: '#c9983a',
  },
  nyeri: {
    name: 'Nyeri',
    origin: 'Kenya',
    taste: 'Blackcurrant, grapefruit',
    price: 1350,
    color: '#8c3f56',
  },
  gayo: {
    name: 'Gayo',
    origin: 'Sumatra',
    taste: 'Cedar, dark chocolate',
    price: 1200,
    color: '#4d6285',
  },
  siesta: {
    name: 'Siesta',
    origin: 'Decaf, Peru',
    taste: 'Biscuit, vanilla',
    price: 1050,
    color: '#7a6a94',
  },
};
