import { expect, it } from 'vitest';
import type { Overview, RouteHere, RouteOverview } from './api-types.ts';
import { standingOf, wholeOf } from './state-words.ts';

const now = Date.parse('2026-12-01T12:00:00Z');

const here: RouteHere = {
  state: 'running',
  reason: null,
  sink: { state: 'up', since: null },
  breaker: 'closed',
  pace: 2,
  in_flight: { batches: 0, gathered: 0, bytes: 0, ranges: 0 },
  rates: { delivered: 10, rejected: 0, filtered: 0, retried: 0 },
  last_error: null,
  last_delivery: null,
  age_seconds: null,
};
const books = { claimed: 1, booked: {}, redelivered: 0, pending: 0, lag_seconds: 0, paused: null };

const aRoute = (
  differs: Partial<RouteHere> = {},
  inBooks: Partial<RouteOverview['books']> = {},
): RouteOverview => ({
  route: 'ES',
  pump: 'elasticsearch',
  missing: null,
  dead_letters: 0,
  here: { ...here, ...differs },
  books: { ...books, ...inBooks },
});

const anOverview = (
  routes: readonly RouteOverview[],
  differs: Partial<Overview> = {},
): Overview => ({
  at: '2026-12-01T12:00:00Z',
  user: { name: 'ops', role: 'operator' },
  instance: {
    name: 'a',
    version: '1',
    host: 'h',
    since: '2026-12-01T11:00:00Z',
    configuration: '0',
  },
  mode: 'at-least-once',
  claiming: { state: 'up', reasons: [] },
  holding: false,
  bound: { retained_bytes: 1, at_bound: 'shed', spills: false },
  problem: null,
  lists: [],
  foreign_lists: [],
  routes,
  ...differs,
});

const idle = { delivered: 0, rejected: 0, filtered: 0, retried: 0 };
const down = { sink: { state: 'down', since: null }, reason: 'refused' } as const;
const told = { by: 'ops@h', at: '2026-12-01T11:30:00Z' };

it.each([
  ['delivering', 'good', aRoute()],
  ['up', 'good', aRoute({ rates: idle })],
  ['down', 'bad', aRoute(down)],
  ['down', 'bad', aRoute({ breaker: 'open' })],
  ['trying again', 'warn', aRoute({ ...down, breaker: 'half-open' })],
  ['behind', 'warn', aRoute({}, { pending: 5, lag_seconds: 90 })],
  ['in trouble', 'warn', aRoute({ reason: 'some records are refused' })],
  ['paused', 'paused', aRoute(down, { paused: told })],
  ['paused', 'paused', aRoute({ state: 'paused' })],
  ['opening', 'warn', aRoute({ state: 'opening' })],
  ['draining', 'idle', aRoute({ state: 'draining' })],
  ['not here', 'idle', { ...aRoute(), here: null, missing: 'it is not configured' }],
])('says %s, %s', (word, tone, route) => {
  expect(standingOf(route, now)).toMatchObject({ word, tone });
});

it('says who paused it, how far behind it is, and why it is down', () => {
  expect(standingOf(aRoute({}, { paused: told }), now).sentence).toBe(
    'ops@h paused it at 11:30:00. Its records wait.',
  );
  expect(standingOf(aRoute({}, { pending: 1, lag_seconds: 90 }), now).sentence).toBe(
    '1 record to go; the oldest has waited 1 min 30 s.',
  );
  expect(standingOf(aRoute(down), now).sentence).toBe('refused');
});

it('says of the whole what is worst', () => {
  const word = (routes: readonly RouteOverview[], differs: Partial<Overview> = {}): string =>
    wholeOf(anOverview(routes, differs), now).word;
  expect(word([aRoute()])).toBe('all well');
  expect(word([aRoute(), aRoute({}, { paused: told })])).toBe('paused');
  expect(word([aRoute({}, { paused: told }), aRoute({ reason: 'slow' })])).toBe('look here');
  expect(word([aRoute({ reason: 'slow' }), aRoute(down)])).toBe('sink down');
  expect(word([aRoute()], { holding: true })).toBe('holding');
  expect(word([aRoute(down)], { claiming: { state: 'down', reasons: ['x'] } })).toBe(
    'not claiming',
  );
  expect(word([aRoute()], { claiming: { state: 'refused in part', reasons: [] } })).toBe(
    'refused in part',
  );
  expect(word([aRoute()], { problem: 'connection refused' })).toBe('Redis away');
});
