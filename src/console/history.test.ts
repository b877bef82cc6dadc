import { expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { seconds } from '../lib/units.ts';
import { History, type Sample } from './history.ts';

const hour = 3_600;

const sample = (delivered: number, route = 'ES'): Sample => ({
  routes: new Map([
    [
      route,
      {
        delivered,
        rejected: 0,
        retried: undefined,
        lagSeconds: 1.5,
        pending: 10,
        ageSeconds: undefined,
      },
    ],
  ]),
  waiting: 7,
  retainedBytes: 1_024,
});

function watched(look?: (looks: number) => Promise<Sample>) {
  const clock = new FakeClock();
  const stop = new AbortController();
  let looks = 0;
  const history = new History({
    clock,
    stop: stop.signal,
    look: () => {
      looks += 1;
      return look === undefined ? Promise.resolve(sample(looks)) : look(looks);
    },
  });
  const pass = async (time: number): Promise<void> => {
    for (let passed = 0; passed < time; passed += 10) await clock.advance(seconds(10));
  };
  return { clock, stop, history, pass, looks: () => looks };
}

it('looks at nothing until somebody asks, and then every ten seconds', async () => {
  const { history, pass, looks } = watched();
  await pass(60);
  expect(looks()).toBe(0);
  await history.ask(0);
  await pass(30);
  expect(looks()).toBe(4);
  const { times, waiting, routes } = await history.ask(0);
  expect(times).toHaveLength(4);
  expect(waiting).toEqual([7, 7, 7, 7]);
  expect(routes).toEqual([
    {
      route: 'ES',
      delivered: [1, 2, 3, 4],
      rejected: [0, 0, 0, 0],
      retried: [null, null, null, null],
      lagSeconds: [1.5, 1.5, 1.5, 1.5],
      pending: [10, 10, 10, 10],
      ageSeconds: [null, null, null, null],
    },
  ]);
});

it('keeps an hour and no more, oldest first', async () => {
  const { history, pass } = watched();
  await history.ask(0);
  for (let half = 0; half < 3; half++) {
    await pass(hour / 2);
    await history.ask(0);
  }
  const { times, routes } = await history.ask(0);
  expect(times).toHaveLength(360);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(routes[0]?.delivered.at(-1)).toBe(541);
  expect(routes[0]?.delivered[0]).toBe(182);
});

it('tells only what is new to whoever knows the rest', async () => {
  const { history, pass } = watched();
  const first = await history.ask(0);
  await pass(20);
  const { times, routes } = await history.ask(first.times[0] ?? 0);
  expect(times).toHaveLength(2);
  expect(routes[0]?.delivered).toEqual([2, 3]);
});

it('stops an hour after the last question, and forgets', async () => {
  const { history, pass, looks } = watched();
  await history.ask(0);
  await pass(hour + 60);
  const at = looks();
  expect(at).toBe(360);
  await pass(600);
  expect(looks()).toBe(at);
  const { times } = await history.ask(0);
  expect(times).toHaveLength(1);
});

it('ends with the service', async () => {
  const { history, pass, looks, stop } = watched();
  await history.ask(0);
  stop.abort();
  await pass(60);
  expect(looks()).toBe(1);
});

it('has a gap where nothing could be known', async () => {
  const { history, pass } = watched((looks) =>
    looks === 2 ? Promise.reject(new Error('Redis is away')) : Promise.resolve(sample(looks)),
  );
  await history.ask(0);
  await pass(20);
  const { routes, waiting } = await history.ask(0);
  expect(routes[0]?.delivered).toEqual([1, null, 3]);
  expect(waiting).toEqual([7, null, 7]);
});

it('forgets a route of which nothing is left', async () => {
  const { history, pass } = watched((looks) => Promise.resolve(sample(1, looks === 1 ? 'A' : 'B')));
  await history.ask(0);
  await pass(hour / 2);
  expect((await history.ask(0)).routes.map(({ route }) => route)).toEqual(['A', 'B']);
  await pass(hour / 2);
  expect((await history.ask(0)).routes.map(({ route }) => route)).toEqual(['B']);
});
