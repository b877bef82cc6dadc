import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Bell } from './bell.ts';
import { FakeClock, settled } from './fake-clock.testing.ts';
import { millis } from './units.ts';

const second = millis(1000);

/** How a sleep ended; undefined while it goes on. */
function watched<T>(sleep: Promise<T>): { readonly ended: () => readonly T[] } {
  const ended: T[] = [];
  void sleep.then((how) => ended.push(how));
  return { ended: () => ended };
}

describe('a bell', () => {
  it('wakes a sleeper before its time, and says so', async () => {
    const bell = new Bell(new FakeClock());
    const sleep = watched(bell.sleep(second));
    await settled();
    expect(sleep.ended()).toEqual([]);

    bell.ring();
    await settled();
    expect(sleep.ended()).toEqual([true]);
  });

  it('lets it sleep for its time, and no longer', async () => {
    const clock = new FakeClock();
    const bell = new Bell(clock);
    const sleep = watched(bell.sleep(second));
    await clock.advance(999);
    expect(sleep.ended()).toEqual([]);

    await clock.advance(1);
    expect(sleep.ended()).toEqual([false]);
  });

  it.each(['before', 'while'])(
    'ends at an abort %s it sleeps, and leaves no listener',
    async (when) => {
      const stop = new AbortController();
      if (when === 'before') stop.abort();
      const sleep = watched(new Bell(new FakeClock()).sleep(second, stop.signal));
      if (when === 'while') stop.abort();
      await settled();

      expect(sleep.ended()).toEqual([false]);
      expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    },
  );

  it.each(['sleep', 'rung'] as const)(
    'is heard once, however often it rang before %s',
    async (wait) => {
      const bell = new Bell(new FakeClock());
      const waits = () => watched<unknown>(wait === 'sleep' ? bell.sleep(second) : bell.rung());
      bell.ring();
      bell.ring();
      const first = waits();
      await settled();
      const another = waits();
      await settled();

      expect([first.ended().length, another.ended().length]).toEqual([1, 0]);
      bell.ring();
      await settled();
      expect(another.ended().length).toBe(1);
    },
  );

  it('leaves no alarm of a sleep that was ended early', async () => {
    const clock = new FakeClock();
    const bell = new Bell(clock);
    const first = bell.sleep(second);
    bell.ring();
    await first;
    const next = watched(bell.rung());
    await clock.advance(10_000);

    expect(next.ended()).toEqual([]);
  });
});
