import { describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.ts';
import { silentLog } from '../lib/log.ts';
import { seconds } from '../lib/units.ts';
import type { Purge } from '../purge/purge.ts';
import type { Crew } from './crew.ts';
import type { AppParts } from './parts.ts';
import { runService } from './run-service.ts';
import type { Service } from './service.ts';

/** A service of one purge and no route. */
function aService(purge: Pick<Purge, 'run' | 'finish'>) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const ended: number[] = [];
  const crew: Pick<Crew, 'run' | 'end'> = {
    run: ({ stop: signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          ended.push(clock.now());
          resolve(0);
        });
      }),
    end: () => Promise.resolve(),
  };
  // What a stop looks at; the rest is never asked for.
  const service = {
    ...{ purge: { mode: 'at-least-once', ...purge }, news: undefined },
    ...{ crew, pool: undefined, spill: undefined, stock: undefined },
  } as unknown as Service;
  const config = { purge: { delay: seconds(1) }, delivery: { shutdownTimeout: seconds(25) } };
  const parts = { config, clock, log: silentLog, pumps: [] } as unknown as AppParts;
  return { clock, stop, ended, code: runService(service, parts, stop.signal) };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a service that is told to stop', () => {
  it('stops its routes at once although the claiming loop waits for Redis', async () => {
    const { clock, stop, ended, code } = aService({ run: never, finish: never });
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
    const finish = (): Promise<void> => {
      isFinished = true;
      return Promise.resolve();
    };
    const { clock, stop, code } = aService({ run: never, finish });
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
    const finish = (): Promise<void> => {
      order.push('reclaimed');
      return Promise.resolve();
    };
    const { clock, stop, code } = aService({ run, finish });
    await clock.advance(10);

    stop.abort();
    await clock.advance(500);
    endClaiming();
    await clock.advance(0);

    await expect(code).resolves.toBe(0);
    expect(order).toEqual(['claimed', 'reclaimed']);
  });
});
