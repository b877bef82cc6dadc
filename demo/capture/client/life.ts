/** A varied life of the shop: what customers do, with their mistakes. */
import { type Answer, ask, type Call } from '../http/ask.ts';

export interface LifeOptions {
  readonly url: URL;
  readonly socketPath: string | undefined;
  readonly address: Call['address'];
  readonly caFile: string | undefined;
  /** Milliseconds: how long, and between two calls. */
  readonly duration: number;
  readonly pause: number;
}

export interface LifeReport {
  /** Answered calls, by the status of their answers. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly calls: number;
  /** Calls without an answer. */
  readonly failed: number;
}

type Send = (method: string, path: string, body?: unknown) => Promise<Answer | undefined>;

/** Lives one day after another until the time is over; a day that has begun is lived to its end. */
export async function live(
  options: LifeOptions,
  wait: (millis: number) => Promise<void>,
): Promise<LifeReport> {
  const { url, socketPath, address, caFile, duration, pause } = options;
  const statuses: Record<string, number> = {};
  let [calls, failed] = [0, 0];
  let token: string | undefined;
  const send: Send = async (method, path, body) => {
    await wait(pause);
    try {
      const answer = await ask({
        ...{ method, url: new URL(path, url), token, body },
        ...{ socketPath, address, caFile },
      });
      calls += 1;
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      return answer;
    } catch {
      failed += 1;
      return undefined;
    }
  };
  const login = async (user: string, password: string): Promise<void> => {
    token = undefined;
    const answer = await send('POST', '/login', { user, password });
    const { token: given } = (answer?.body ?? {}) as { readonly token?: unknown };
    token = typeof given === 'string' ? given : undefined;
  };
  const end = Date.now() + duration;
  for (let day = 0; day === 0 || Date.now() < end; day++) {
    const user = day % 2 === 0 ? 'anna' : 'ben';
    await lookAround(send, day);
    if (day % 4 === 0) await login(user, 'wrong');
    // Without a token: 401.
    if (day % 4 === 0) await send('GET', '/orders');
    await login(user, `${user}-of-the-demo`);
    await shop(send, day);
  }
  return { statuses, calls, failed };
}

const cards = ['4000000000009995', '4000000000000077', '4000000000000002'];
const currencies = ['EUR', 'USD', 'GBP', 'CHF'];
const categories = ['leaves', 'bags', 'tin'];

const productOf = (day: number): number => 1001 + ((day * 5) % 24);
const oneOf = (all: readonly string[], day: number): string => all[day % all.length] ?? '';

async function lookAround(send: Send, day: number): Promise<void> {
  await send('GET', `/products?page=${1 + (day % 3)}`);
  await send('GET', `/products?currency=${oneOf(currencies, day + 1)}`);
  await send(
    'GET',
    `/products?category=${oneOf(categories, day)}&currency=${oneOf(currencies, day)}`,
  );
  await send('GET', `/products/${productOf(day)}`);
  await send('GET', `/products/${productOf(day + 1)}`);
  if (day % 3 === 0) await send('GET', '/products/9999');
  if (day % 5 === 0) await send('GET', '/products?page=none');
}

async function shop(send: Send, day: number): Promise<void> {
  await send('GET', '/customers/me');
  if (day % 2 === 0) await send('PATCH', '/customers/me', { newsletter: day % 4 === 0 });
  if (day % 5 === 0) await send('PATCH', '/customers/me', { newsletter: 'perhaps' });
  const items = [{ product: productOf(day), quantity: 1 + (day % 3) }];
  const placed = await send('POST', '/orders', { items, card: oneOf(cards, 0) });
  await send('POST', '/orders', { items, card: oneOf(cards, day) });
  if (day % 3 === 0) await send('POST', '/orders', { items: [], card: 'none' });
  await send('GET', '/orders');
  const { id } = (placed?.body ?? {}) as { readonly id?: unknown };
  if (typeof id === 'number') {
    await send('GET', `/orders/${id}`);
    if (day % 2 === 1) await send('DELETE', `/orders/${id}`);
    if (day % 4 === 1) await send('DELETE', `/orders/${id}`);
  }
  await send('GET', `/reports/${new Date().getUTCFullYear()}`);
  if (day % 3 === 0) await send('GET', '/reports/1999');
}
