import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { millis } from './units.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('sleeps longer than one timer of Node can', async () => {
  const days = 24 * 3_600_000;
  let isAwake = false;
  const sleeping = systemClock.sleep(millis(60 * days), new AbortController().signal).then(() => {
    isAwake = true;
  });

  await vi.advanceTimersByTimeAsync(59 * days);
  expect(isAwake).toBe(false);

  await vi.advanceTimersByTimeAsync(days);
  await sleeping;
  expect(isAwake).toBe(true);
});

it('wakes early in any of those timers', async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(millis(2 ** 31 + 1_000), stop.signal);
  await vi.advanceTimersByTimeAsync(2 ** 31);

  stop.abort(new Error('stopped'));

  await expect(sleeping).rejects.toThrow('stopped');
  expect(vi.getTimerCount()).toBe(0);
});
