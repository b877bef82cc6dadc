import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import type { StopSignals } from '../lib/stop-signals.ts';
import { type Millis, seconds } from '../lib/units.ts';
import { aborted } from '../lib/waiting.ts';
import type { RouteSummary } from '../route/route.ts';
import { supervise } from './supervise.ts';

type Life = ((clock: FakeClock, signals: StopSignals) => Promise<RouteSummary>) | 'cannot be made';

const bug: Life = () => Promise.reject(new Error('a bug'));
const bugAfter =
  (time: Millis): Life =>
  async (clock) => {
    await clock.sleep(time, new AbortController().signal);
    throw new Error('a bug');
  };
const untilStopped: Life = async (_, { stop }) => {
  await aborted(stop);
  return { unsettled: 0 };
};

/** A route whose lives go so, the last one again and again. */
function aRoute(...lives: readonly Life[]) {
  const clock = new FakeClock();
  const log = memoryLog();
  const stop = new AbortController();
  const signals = { stop: stop.signal, abandon: new AbortController().signal };
  const begun = clock.now();
  /** When each life began, in seconds, and when what it held was given back. */
  const story: string[] = [];
  const tell = (what: string): unknown => story.push(`${what} ${(clock.now() - begun) / 1000}`);
  let giveBack = (): Promise<void> => Promise.resolve();
  let made = 0;
  const running = supervise(
    {
      leases: {
        releaseAll: () => {
          tell('given back');
          return giveBack();
        },
      },
      create: () => {
        tell('made');
        const life = lives[Math.min(made++, lives.length - 1)] ?? 'cannot be made';
        if (life === 'cannot be made') throw new Error('a bug');
        return { run: (given) => life(clock, given) };
      },
      clock,
      log,
    },
    signals,
  );
  const refuseToGiveBack = (): void => {
    giveBack = () => Promise.reject(new Error('Redis is away'));
  };
  return { clock, log, stop, story, running, refuseToGiveBack };
}

describe('A route that fails by a bug', () => {
  it('gives back what it holds before it is made anew, a second later, and says the bug', async () => {
    const { clock, log, stop, story, running } = aRoute(bug, untilStopped);

    await clock.advance(5_000);

    expect(story).toEqual(['made 0', 'given back 0', 'made 1']);
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'A pump failed by a bug and starts again.',
        fields: { error: 'a bug', stack: expect.stringContaining('supervise.test.ts') as string },
      },
    ]);
    stop.abort();
    expect(await running).toEqual({ unsettled: 0 });
    expect(story.slice(3)).toEqual(['given back 5']);
  });

  it('waits twice as long each time, and never longer than a minute', async () => {
    const { clock, story } = aRoute(bug);

    await clock.advance(200_000);

    const times = story.flatMap((line) => (line.startsWith('made') ? [Number(line.slice(5))] : []));
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  });

  it('waits a second again after it was well for a minute', async () => {
    const { clock, story } = aRoute(bug, bug, bug, bugAfter(seconds(60)), untilStopped);

    await clock.advance(100_000);

    expect(story.slice(-3)).toEqual(['made 7', 'given back 67', 'made 68']);
  });

  it('is made anew where it failed in being made', async () => {
    const { clock, story } = aRoute('cannot be made', untilStopped);

    await clock.advance(1_000);

    expect(story).toEqual(['made 0', 'given back 0', 'made 1']);
  });

  it('is made anew although Redis takes nothing back: leases run out by themselves', async () => {
    const { clock, story, refuseToGiveBack } = aRoute(bugAfter(seconds(1)), untilStopped);
    refuseToGiveBack();

    await clock.advance(10_000);

    expect(story).toEqual(['made 0', 'given back 1', 'made 2']);
  });

  it('is not made anew once it is told to stop, neither in a pause nor when it fails in stopping', async () => {
    const inPause = aRoute(bug);
    await inPause.clock.advance(500);
    inPause.stop.abort();
    expect(await inPause.running).toEqual({ unsettled: 1 });
    expect(inPause.story).toEqual(['made 0', 'given back 0']);

    const inStopping = aRoute(async (_, { stop }) => {
      await aborted(stop);
      throw new Error('a bug');
    });
    await inStopping.clock.advance(500);
    inStopping.stop.abort();
    expect(await inStopping.running).toEqual({ unsettled: 1 });
    expect(inStopping.story).toEqual(['made 0', 'given back 0.5']);
  });
});

describe('A route that is told to stop', () => {
  it('ends with what it left unanswered, given back although Redis may refuse that', async () => {
    const { clock, stop, story, running, refuseToGiveBack } = aRoute(async (_, signals) => {
      await aborted(signals.stop);
      return { unsettled: 3 };
    });
    refuseToGiveBack();
    await clock.advance(2_000);

    stop.abort();

    expect(await running).toEqual({ unsettled: 3 });
    expect(story).toEqual(['made 0', 'given back 2']);
  });
});
