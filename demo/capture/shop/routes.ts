/** The API that is looked at: a login with tokens, and things that only those may see who have one. */
import { Refusal, type Route } from '../http/serve.ts';
import { findProduct, products } from './goods.ts';
import { Logins } from './logins.ts';
import type { Neighbours } from './neighbours.ts';
import { Orders, readBasket } from './orders.ts';

const pageLength = 10;

export function shopRoutes(neighbours: Neighbours): readonly Route[] {
  return [...openRoutes(neighbours), ...protectedRoutes(neighbours)];
}

function openRoutes(neighbours: Neighbours): readonly Route[] {
  return [
    { method: 'GET', path: '/health', reply: () => ({ status: 200, body: { status: 'up' } }) },
    {
      method: 'GET',
      path: '/products',
      async reply({ query }) {
        const page = Number(query.get('page') ?? 1);
        if (!Number.isInteger(page) || page < 1)
          throw new Refusal(400, 'page: expected a number of at least 1');
        const [category, currency] = [query.get('category'), query.get('currency') ?? 'EUR'];
        const rate = currency === 'EUR' ? 1 : await neighbours.rateOf(currency);
        const fit = products.filter((each) => category === null || each.category === category);
        const shown = fit.slice((page - 1) * pageLength, page * pageLength).map((each) => ({
          ...each,
          price: Math.round(each.price * rate),
          currency,
        }));
        return { status: 200, body: { page, of: fit.length, products: shown } };
      },
    },
    {
      method: 'GET',
      path: '/products/:id',
      async reply({ parameters: { id = '' } }) {
        const product = findProduct(id);
        if (product === undefined) throw new Refusal(404, 'no such product');
        const in_stock = await neighbours.piecesOf(product.id);
        return { status: 200, body: { ...product, currency: 'EUR', in_stock } };
      },
    },
  ];
}

function protectedRoutes(neighbours: Neighbours): readonly Route[] {
  const [logins, orders] = [new Logins(), new Orders()];
  return [
    {
      method: 'POST',
      path: '/login',
      reply({ body }) {
        const { user, password } = (body ?? {}) as Readonly<Record<string, unknown>>;
        if (typeof user !== 'string' || typeof password !== 'string')
          throw new Refusal(400, 'expected user and password');
        return { status: 200, body: logins.open(user, password) };
      },
    },
    {
      method: 'GET',
      path: '/customers/me',
      reply: (question) => ({ status: 200, body: logins.customer(question) }),
    },
    {
      method: 'PATCH',
      path: '/customers/me',
      reply(question) {
        const customer = logins.customer(question);
        const { newsletter } = (question.body ?? {}) as Readonly<Record<string, unknown>>;
        if (typeof newsletter !== 'boolean')
          throw new Refusal(400, 'newsletter: expected true or false');
        customer.newsletter = newsletter;
        return { status: 200, body: customer };
      },
    },
    {
      method: 'GET',
      path: '/orders',
      reply: (question) => ({
        status: 200,
        body: { orders: orders.of(logins.customer(question).name) },
      }),
    },
    {
      method: 'POST',
      path: '/orders',
      async reply(question) {
        const { name } = logins.customer(question);
        const basket = readBasket(question.body);
        const payment = await neighbours.charge(basket.total, basket.card);
        return { status: 201, body: orders.add(name, basket, payment) };
      },
    },
    {
      method: 'GET',
      path: '/orders/:id',
      reply(question) {
        const { name } = logins.customer(question);
        return { status: 200, body: orders.find(name, question.parameters['id'] ?? '') };
      },
    },
    {
      method: 'DELETE',
      path: '/orders/:id',
      reply(question) {
        const { name } = logins.customer(question);
        orders.cancel(orders.find(name, question.parameters['id'] ?? ''));
        return { status: 204 };
      },
    },
    {
      // Broken on purpose for years without orders, so that something is to be found.
      method: 'GET',
      path: '/reports/:year',
      reply(question) {
        const { name } = logins.customer(question);
        const year = question.parameters['year'] ?? '';
        const placed = orders.of(name).filter((each) => each.placed_at.startsWith(year));
        const best = placed.reduce((one, other) => (one.total > other.total ? one : other));
        return { status: 200, body: { year: Number(year), orders: placed.length, best: best.id } };
      },
    },
  ];
}
