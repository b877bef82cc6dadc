import { Refusal } from '../http/serve.ts';
import { findProduct } from './goods.ts';

interface Order {
  readonly id: number;
  readonly customer: string;
  readonly items: readonly Item[];
  /** In cents of a euro. */
  readonly total: number;
  readonly payment: string;
  readonly state: 'paid' | 'cancelled';
  readonly placed_at: string;
}

interface Item {
  readonly product: number;
  readonly quantity: number;
}

export interface Basket {
  readonly items: readonly Item[];
  readonly total: number;
  readonly card: string;
}

/** A demonstration that runs for weeks does not grow. */
const mostOrders = 500;

export class Orders {
  readonly #orders = new Map<number, Order>();
  #last = 70_000;

  add(customer: string, { items, total }: Basket, payment: string): Order {
    this.#last += 1;
    const placed_at = new Date().toISOString();
    const order: Order = {
      id: this.#last,
      customer,
      items,
      total,
      payment,
      state: 'paid',
      placed_at,
    };
    this.#orders.set(order.id, order);
    const [oldest] = this.#orders.keys();
    if (this.#orders.size > mostOrders && oldest !== undefined) this.#orders.delete(oldest);
    return order;
  }

  of(customer: string): readonly Order[] {
    return [...this.#orders.values()].filter((each) => each.customer === customer).slice(-20);
  }

  /** Throws a 404 where the customer has none of that number. */
  find(customer: string, id: string): Order {
    const found = this.#orders.get(Number(id));
    if (found?.customer !== customer) throw new Refusal(404, 'no such order');
    return found;
  }

  /** Throws a 409 where it was cancelled already. */
  cancel(order: Order): void {
    if (order.state === 'cancelled') throw new Refusal(409, 'it was cancelled already');
    this.#orders.set(order.id, { ...order, state: 'cancelled' });
  }
}

/** Reads `{items: [{product, quantity}], card}`; throws a 400 with all that is wrong. */
export function readBasket(body: unknown): Basket {
  const { items, card } = (body ?? {}) as { readonly items?: unknown; readonly card?: unknown };
  const problems: string[] = [];
  if (typeof card !== 'string' || !/^\d{12,19}$/.test(card)) problems.push('card: expected digits');
  const list = Array.isArray(items) ? (items as readonly unknown[]) : [];
  if (list.length === 0) problems.push('items: expected at least one');
  const read = list.map((each, at) => {
    const { product, quantity } = (each ?? {}) as Partial<Record<keyof Item, unknown>>;
    const known = findProduct(String(product));
    if (known === undefined) problems.push(`items[${at}].product: there is no such product`);
    const isNumber = Number.isInteger(quantity) && Number(quantity) > 0;
    if (!isNumber) problems.push(`items[${at}].quantity: expected a number of at least 1`);
    return { product: Number(product), quantity: Number(quantity), price: known?.price ?? 0 };
  });
  if (problems.length > 0) throw new Refusal(400, problems.join('; '));
  return {
    items: read.map(({ product, quantity }) => ({ product, quantity })),
    total: read.reduce((sum, { price, quantity }) => sum + price * quantity, 0),
    card: String(card),
  };
}
