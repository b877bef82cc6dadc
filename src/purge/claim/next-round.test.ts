import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../../lib/fake-clock.testing.ts';
import { millis } from '../../lib/units.ts';
import { NextRound } from './next-round.ts';

/** Waits for rounds one after the other, each of which finds records while `isFlowing`. */
function someRounds({ delay = 2_000, flowingDelay }: { delay?: number; flowingDelay?: number }) {
  const clock = new FakeClock();
  const start = clock.elapsed();
  const seen = { rounds: [] as number[], looks: [] as number[] };
  const state = { isFlowing: false, isHolding: false, isNews: () => Promise.resolve(false) };
  const next = new NextRound({
    clock,
    purge: {
      ...{ delay: millis(delay), chunk: 0 },
      ...(flowingDelay === undefined ? {} : { flowingDelay: millis(flowingDelay) }),
    },
    hasNews: () => {
      seen.looks.push(clock.elapsed() - start);
      return state.isNews();
    },
  });
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      if (state.isFlowing) next.claimed();
      await next.wait(state, stop.signal);
      seen.rounds.push(clock.elapsed() - start);
    }
  })();
  const passes = async (time: number): Promise<void> => {
    for (let passed = 0; passed < time; passed += 10) {
      await clock.advance(10);
      await settled();
    }
  };
  return { next, state, seen, passes, stop, running };
}

describe('the next round', () => {
  it('comes after the delay, and nothing is asked in between', async () => {
    const { seen, passes } = someRounds({ flowingDelay: 250 });
    await passes(6_000);

    expect(seen).toEqual({ rounds: [2_000, 4_000, 6_000], looks: [] });
  });

  it('comes as soon as there are records, while records flow', async () => {
    const { state, seen, passes } = someRounds({ flowingDelay: 250 });
    state.isFlowing = true;
    state.isNews = () => Promise.resolve(true);
    await passes(2_000);
    await passes(1_000);

    expect(seen.rounds).toEqual([2_000, 2_250, 2_500, 2_750, 3_000]);
  });

  it('looks and leaves it at that where nothing has come, and stops looking after ten seconds', async () => {
    const { next, state, seen, passes } = someRounds({ flowingDelay: 250 });
    next.claimed();
    state.isNews = () => Promise.resolve(false);
    await passes(2_000);
    await passes(2_000);
    expect(seen.rounds).toEqual([2_000, 4_000]);
    expect(seen.looks.filter((at) => at > 2_000)).toEqual([
      ...[2_250, 2_500, 2_750, 3_000, 3_250, 3_500, 3_750],
    ]);

    await passes(6_000);
    const looks = seen.looks.length;
    await passes(20_000);
    expect(seen.looks).toHaveLength(looks);
  });

  it('keeps to the delay where no other is wanted for the flow', async () => {
    const { next, seen, passes } = someRounds({});
    next.claimed();
    await passes(4_000);

    expect(seen).toEqual({ rounds: [2_000, 4_000], looks: [] });
  });

  it('is never later than the delay, whatever is said of the flow', async () => {
    const { next, seen, passes } = someRounds({ delay: 500, flowingDelay: 3_000 });
    next.claimed();
    await passes(1_000);

    expect(seen.rounds).toEqual([500, 1_000]);
  });

  it('waits for the delay where Redis does not answer the look', async () => {
    const { next, state, seen, passes } = someRounds({ flowingDelay: 500 });
    next.claimed();
    state.isNews = () => Promise.reject(new Error('no connection'));
    await passes(2_000);

    expect(seen.rounds).toEqual([2_000]);
  });

  it('asks every second whether it may claim again, and for nothing else', async () => {
    const { next, state, seen, passes } = someRounds({ delay: 5_000, flowingDelay: 250 });
    state.isHolding = true;
    next.claimed();
    await passes(5_000);
    await passes(2_000);

    expect(seen).toEqual({ rounds: [5_000, 6_000, 7_000], looks: expect.anything() as number[] });
    expect(seen.looks.filter((at) => at > 5_000)).toEqual([]);
  });

  it('comes at a ring, but not within 50 ms of the last one', async () => {
    const { next, seen, passes } = someRounds({});
    next.ring();
    await passes(100);

    expect(seen.rounds).toEqual([50]);
  });

  it('ends with a stop', async () => {
    const { passes, stop, running } = someRounds({});
    await passes(100);
    stop.abort();
    await running;
  });
});
