import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { type Millis, seconds } from '../lib/units.ts';
import { aborted, onAbort } from '../lib/waiting.ts';
import type { Purge } from '../purge/purge.ts';
import type { Crew } from './crew.ts';
import type { AppParts } from './parts.ts';
import { runService } from './run-service.ts';
import type { Service } from './service.ts';
import type { Pool } from './workers/pool.ts';

interface World {
  readonly purge: Pick<Purge, 'run' | 'finish'> & Partial<Pick<Purge, 'mode'>>;
  /** When the routes of the main thread have ended, and with how many ranges unanswered. By default: at the stop, none. */
  readonly crew?: Crew['run'];
  /** The same for those of the workers. */
  readonly pool?: Pool['run'];
  readonly spill?: () => Promise<void>;
  readonly shutdownTimeout?: Millis;
}

/** A service of one purge, a route in the main thread and one in workers. */
function aService({ purge, crew, pool, spill, shutdownTimeout = seconds(25) }: World) {
  const clock = new FakeClock();
  const log = memoryLog();
  const stop = new AbortController();
  const ended: number[] = [];
  const story: string[] = [];
  const runCrew: Crew['run'] = async (signals, onStopped) => {
    await aborted(signals.stop);
    ended.push(clock.now());
    const unsettled = (await crew?.(signals)) ?? 0;
    onStopped?.(pumps[0]!);
    return unsettled;
  };
  const pumps = ['MAIN', 'THREADED'].map((name) => ({
    ...{ entry: { name }, kind: { type: 'test', title: `Pump of ${name}` } },
  })) as unknown as AppParts['pumps'];
  // What a stop looks at; the rest is never asked for.
  const config = { purge: { delay: seconds(1), chunk: 0 }, delivery: { shutdownTimeout } };
  const service = {
    inForce: { config, pumps },
    ...{ purge: { mode: 'at-least-once', ...purge }, stock: undefined },
    crew: {
      run: runCrew,
      end: () => {
        story.push('leases are kept no longer');
        return Promise.resolve();
      },
    },
    ...(pool === undefined
      ? { pool: undefined, news: undefined }
      : { pool: { run: pool, has: (name: string) => name === 'THREADED' }, news: {} }),
    spill: spill && { close: spill },
  } as unknown as Service;
  const parts = { config, clock, log, pumps } as unknown as AppParts;
  const code = runService(service, parts, stop.signal);
  return { clock, log, stop, ended, story, code };
}

const untilStopped: Purge['run'] = (signal) => aborted(signal);
const nothing = (): Promise<void> => Promise.resolve();
const lostNothing = (): Promise<number> => Promise.resolve(0);
const never = (): Promise<never> => new Promise(() => undefined);

describe('a service that is told to stop', () => {
  it('stops its routes at once although the claiming loop waits for Redis', async () => {
    const { clock, stop, ended, code } = aService({ purge: { run: never, finish: never } });
    await clock.advance(10);

    const begun = clock.now();
    stop.abort();
    await clock.advance(0);

    expect(ended).toEqual([begun]);
    // And it waits neither for the loop for ever, nor for the last reclaiming.
    await clock.advance(4_000);
    await expect(code).resolves.toBe(0);
  });

  it('gives back what it has although the last claim takes too long', async () => {
    let isFinished = false;
    const finish = (): Promise<number> => {
      isFinished = true;
      return Promise.resolve(0);
    };
    const { clock, stop, code } = aService({ purge: { run: never, finish } });
    await clock.advance(10);

    stop.abort();
    await clock.advance(2_000);

    await expect(code).resolves.toBe(0);
    expect(isFinished).toBe(true);
  });

  it('gives memory back after the last claim, not beside it', async () => {
    const order: string[] = [];
    let endClaiming = (): void => undefined;
    const run = (): Promise<void> =>
      new Promise((resolve) => {
        endClaiming = () => {
          order.push('claimed');
          resolve();
        };
      });
    const finish = (): Promise<number> => {
      order.push('reclaimed');
      return Promise.resolve(0);
    };
    const { clock, stop, code } = aService({ purge: { run, finish } });
    await clock.advance(10);

    stop.abort();
    await clock.advance(500);
    endClaiming();
    await clock.advance(0);

    await expect(code).resolves.toBe(0);
    expect(order).toEqual(['claimed', 'reclaimed']);
  });

  it.each([
    [seconds(25), 18_000, 23_000],
    [seconds(3), 1_000, 2_000],
  ])(
    'has %i ms: what is under way is given up in time, then threads that hang are ended',
    async (shutdownTimeout, abandoned, ended) => {
      const clockOf: FakeClock[] = [];
      const times: number[] = [];
      const pool: Pool['run'] = async (_, { abandon, late }) => {
        for (const signal of [abandon, late]) {
          await aborted(signal);
          times.push(clockOf[0]!.now());
        }
        return 0;
      };
      const { clock, stop, code } = aService({
        ...{ purge: { run: untilStopped, finish: lostNothing }, pool, shutdownTimeout },
      });
      clockOf.push(clock);
      await clock.advance(60_000);
      const begun = clock.now();
      stop.abort();
      await clock.advance(shutdownTimeout);

      expect(times.map((time) => time - begun)).toEqual([abandoned, ended]);
      expect(await code).toBe(0);
    },
  );

  it('gives nothing up of what ends by itself', async () => {
    const given: boolean[] = [];
    const crew: Crew['run'] = ({ abandon }) => {
      onAbort(abandon, () => given.push(true));
      return Promise.resolve(0);
    };
    const { clock, stop, code } = aService({
      purge: { run: untilStopped, finish: lostNothing },
      crew,
    });
    stop.abort();
    await clock.advance(60_000);

    expect(await code).toBe(0);
    expect(given).toEqual([]);
  });

  it('says of every pump that it stopped, wherever it ran', async () => {
    const pool: Pool['run'] = () => Promise.resolve(0);
    const { clock, log, stop, code } = aService({
      ...{ purge: { run: untilStopped, finish: lostNothing }, pool },
    });
    stop.abort();
    await clock.advance(0);
    await code;

    expect(log.lines.map(({ message }) => message).filter((text) => text.includes('Pump'))).toEqual(
      [...['Pump of MAIN gracefully stopped.', 'Pump of THREADED gracefully stopped.']],
    );
  });

  it.each([
    [
      'at-least-once',
      0,
      'Ranges were given back unanswered; the next start or another instance delivers them.',
    ],
    ['at-most-once', 0, undefined],
  ] as const)('says what is left unanswered, of all threads: %s', async (mode, expected, line) => {
    const { clock, log, stop, code } = aService({
      purge: { mode, run: untilStopped, finish: lostNothing },
      crew: () => Promise.resolve(2),
      pool: () => Promise.resolve(3),
    });
    stop.abort();
    await clock.advance(0);

    expect(await code).toBe(expected);
    const said = log.lines.filter(({ fields }) => 'ranges' in fields);
    expect(said.map(({ message, fields }) => [message, fields['ranges']])).toEqual(
      line === undefined ? [] : [[line, 5]],
    );
  });

  it.each([
    ['at-least-once', lostNothing, 0, []],
    ['at-least-once', never, 0, []],
    ['at-most-once', lostNothing, 0, []],
    ['at-most-once', () => Promise.resolve(7), 1, []],
    ['at-most-once', never, 1, [/may be lost/]],
  ] as const)(
    'ends with 1 if records were lost or may be: %s, %s',
    async (mode, finish, expected, said) => {
      const { clock, log, stop, code } = aService({ purge: { mode, run: untilStopped, finish } });
      stop.abort();
      await clock.advance(4_000);

      expect(await code).toBe(expected);
      const errors = log.lines.filter(({ level }) => level === 'error');
      expect(errors.map(({ message }) => message)).toEqual(
        said.map((words) => expect.stringMatching(words) as string),
      );
    },
  );

  it('gives back what was popped although the claiming loop failed by a bug', async () => {
    let isFinished = false;
    const { clock, log, stop, code } = aService({
      purge: {
        run: async (signal) => {
          await aborted(signal);
          throw new Error('a bug');
        },
        finish: () => {
          isFinished = true;
          return Promise.resolve(0);
        },
      },
      // Longer than the loop takes to fail.
      pool: (_, { abandon }) => aborted(abandon).then(() => 0),
    });
    stop.abort();
    await clock.advance(25_000);

    await expect(code).resolves.toBe(0);
    expect(isFinished).toBe(true);
    expect(log.warnings()).toEqual(['The last clearing up failed; the next start does it.']);
  });

  it('keeps leases until the last acknowledgement can have come, and then closes the spill', async () => {
    const order: string[] = [];
    const { clock, stop, code, story } = aService({
      purge: {
        run: untilStopped,
        finish: () => {
          story.push('reclaimed');
          return Promise.resolve(0);
        },
      },
      spill: () => {
        order.push(...story, 'the spill is closed');
        return Promise.resolve();
      },
    });
    stop.abort();
    await clock.advance(0);
    await code;

    expect(order).toEqual(['reclaimed', 'leases are kept no longer', 'the spill is closed']);
  });

  it('waits a second for a disk that does not answer', async () => {
    const { clock, log, stop, code } = aService({
      purge: { run: untilStopped, finish: lostNothing },
      spill: never,
    });
    stop.abort();
    await clock.advance(999);
    expect(log.warnings()).toEqual([]);
    await clock.advance(1);

    expect(await code).toBe(0);
    expect(log.warnings()).toEqual(['The spill did not close in time; the disk does not answer.']);
  });
});

describe('a service whose feed ends', () => {
  it('stops by itself', async () => {
    const { clock, ended, code } = aService({ purge: { run: nothing, finish: lostNothing } });
    const begun = clock.now();
    await clock.advance(0);

    expect(ended).toEqual([begun]);
    expect(await code).toBe(0);
  });
});
