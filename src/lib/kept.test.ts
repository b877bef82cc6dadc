import { expect, it } from 'vitest';
import { FakeClock } from './fake-clock.testing.ts';
import { kept } from './kept.ts';
import { millis } from './units.ts';

it('asks once for all who want it within a time', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const look = kept(() => Promise.resolve(++asked), { clock, for: millis(1_000) });
  expect(await Promise.all([look(), look(), look()])).toEqual([1, 1, 1]);
  await clock.advance(999);
  expect(await look()).toBe(1);
  await clock.advance(1);
  expect(await look()).toBe(2);
});

it('does not keep a failure', async () => {
  let asked = 0;
  const look = kept(
    () => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve(asked);
    },
    { clock: new FakeClock(), for: millis(1_000) },
  );
  await expect(look()).rejects.toThrow('away');
  expect(await look()).toBe(2);
});
