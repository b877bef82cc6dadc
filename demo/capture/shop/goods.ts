export interface Product {
  readonly id: number;
  readonly name: string;
  readonly category: string;
  /** In cents of a euro. */
  readonly price: number;
}

const names = [
  'Assam',
  'Ceylon',
  'Darjeeling',
  'Gunpowder',
  'Keemun',
  'Lapsang',
  'Oolong',
  'Sencha',
];
const kinds = ['leaves', 'bags', 'tin'];

/** What the shop sells: the same at every start. */
export const products: readonly Product[] = names.flatMap((name, at) =>
  kinds.map((category, of) => ({
    id: 1001 + at * kinds.length + of,
    name: `${name}, ${category}`,
    category,
    price: 390 + 40 * at + 25 * of,
  })),
);

export const findProduct = (id: string): Product | undefined =>
  products.find((each) => String(each.id) === id);
