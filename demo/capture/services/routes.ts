/** What the shop asks: each a service of its own. */
import { randomUUID } from 'node:crypto';
import { Refusal, type Route } from '../http/serve.ts';

/** Takes money, but from no card that ends with 0002. */
export const paymentsRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/charges',
    reply({ body }) {
      const { amount, currency, card } = (body ?? {}) as Readonly<Record<string, unknown>>;
      if (!Number.isInteger(amount) || typeof card !== 'string')
        throw new Refusal(400, 'expected amount, currency and card');
      if (card.endsWith('0002')) throw new Refusal(402, 'card_declined');
      const created = Math.floor(Date.now() / 1000);
      return { status: 201, body: { id: randomUUID(), amount, currency, state: 'paid', created } };
    },
  },
];

const perEuro: Readonly<Record<string, number>> = { EUR: 1, GBP: 0.86, USD: 1.09, CHF: 0.95 };

export const ratesRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rates/:currency',
    reply({ parameters: { currency = '' } }) {
      if (!Object.hasOwn(perEuro, currency)) throw new Refusal(404, 'no such currency');
      return { status: 200, body: { currency, per_euro: perEuro[currency] } };
    },
  },
];

export const stockRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/stock/:product',
    reply({ parameters: { product = '' } }) {
      return {
        status: 200,
        body: { product: Number(product), pieces: (Number(product) * 7) % 23 },
      };
    },
  },
];
