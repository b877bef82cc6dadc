import { expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { seconds } from '../../lib/units.ts';
import { Rate } from './rate.ts';

function aRate() {
  const clock = new FakeClock();
  return { clock, rate: new Rate(clock) };
}

it('is what came in the last minute', async () => {
  const { clock, rate } = aRate();
  for (let second = 0; second < 120; second++) {
    rate.add(second < 60 ? 1000 : 30);
    await clock.advance(seconds(1));
  }
  // The second that has just begun stands for the oldest.
  expect(rate.perSecond).toBeCloseTo((59 * 30) / 60);
});

it('of a young route counts over its life', async () => {
  const { clock, rate } = aRate();
  rate.add(500);
  expect(rate.perSecond).toBe(500);
  await clock.advance(seconds(10));
  expect(rate.perSecond).toBe(50);
});

it.each([59, 60, 61, 10_000])(
  'forgets what came %i seconds ago, if that is a minute',
  async (later) => {
    const { clock, rate } = aRate();
    await clock.advance(seconds(120));
    rate.add(600);
    await clock.advance(seconds(later));
    expect(rate.perSecond).toBe(later < 60 ? 10 : 0);
    rate.add(60);
    expect(rate.perSecond).toBe(later < 60 ? 11 : 1);
  },
);
