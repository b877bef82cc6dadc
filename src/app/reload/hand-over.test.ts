import { describe, expect, it } from 'vitest';
import { aConfig } from '../../cli/testing.ts';
import { settled } from '../../lib/fake-clock.testing.ts';
import { mebibytes, millis } from '../../lib/units.ts';
import { aborted } from '../../lib/waiting.ts';
import type { CheckedPump } from '../../pump/check-pumps.ts';
import { Delivery } from '../../pump/delivery.ts';
import { delivered } from '../../pump/verdict.ts';
import { readLists } from '../../purge/lists.ts';
import type { Purge } from '../../purge/purge.ts';
import { FakeLetters } from '../../route/dead-letters/fake-letters.testing.ts';
import { FakeSink } from '../../route/testing/fake-sink.testing.ts';
import { aCheckedPump } from '../checked-pump.testing.ts';
import { aCrew, aRoute } from '../crew.testing.ts';
import { planThreads } from '../workers/plan.ts';
import { CurrentPurge } from './current-purge.ts';
import { type Change, handOver, type InForce, type Running } from './hand-over.ts';

const { bounds } = aConfig();
/** With room for a few ranges. */
const config = aConfig({ bounds: { ...bounds, inFlightBytes: mebibytes(8) } });

function inForceOf(pumps: readonly CheckedPump[], before?: InForce): InForce {
  const plan = planThreads({
    ...{ pumps, workers: 1, bounds: config.bounds },
    ...(before === undefined ? {} : { before: before.plan }),
  });
  const entries = pumps.map(({ entry }) => entry);
  return { config, pumps, lists: readLists(config.redis, entries), plan };
}

interface Told {
  /** When its sink closes; left out: at once. */
  readonly closing?: Promise<void>;
  readonly workers?: 'one' | 'any';
}

/** Routes at work over a purge loop, and what of them begins and ends, in its order. */
function aWorld(names: readonly string[], mode: Purge['mode'] = 'at-least-once') {
  const story: string[] = [];
  const sinks: FakeSink[] = [];
  /** Of one configuration: `label` tells its sinks from those of another. */
  const aPump = (name: string, label: string, { closing, workers = 'any' }: Told = {}) => {
    const checked = aCheckedPump(name, {
      inFlight: 1,
      open: () => {
        story.push(`${label} opens`);
        const sink = new FakeSink(async (batch) => {
          await world.clock.sleep(millis(500), new AbortController().signal);
          return Delivery.whole(batch, delivered());
        });
        sinks.push(sink);
        sink.close = async () => {
          story.push(`${label} closes`);
          await closing;
          story.push(`${label} is closed`);
        };
        return Promise.resolve(sink);
      },
    });
    return { ...checked, pump: { ...checked.pump, workers } };
  };
  const routes = names.map(aRoute);
  const aLoop = (label: string): Purge =>
    ({
      mode,
      async run(signal: AbortSignal) {
        story.push(`${label} claims`);
        await aborted(signal);
        // Its round ends.
        await world.clock.sleep(millis(300), new AbortController().signal);
      },
    }) as unknown as Purge;

  const begin = (pumps: readonly CheckedPump[]) => {
    const before = inForceOf(pumps);
    const crew = aCrew(routes, before.plan.main, { pumps, config, mode });
    const purge = new CurrentPurge(aLoop('the first loop'));
    void purge.run(crew.stop.signal);
    const forgotten: string[] = [];
    const running: Running = {
      ...{ purge, crew: crew.crew, stop: crew.stop.signal, workers: 1 },
      ...{ pool: undefined, spill: undefined, stock: undefined, controls: undefined },
      metrics: {
        forget: (_label, route) => {
          forgotten.push(route);
          return Promise.resolve();
        },
      },
      makePurge: () => aLoop('the next loop'),
      makeLetters: () => new FakeLetters(),
      sayBegun: ({ entry }) => story.push(`${entry.name} has begun`),
      sayEnded: ({ entry }) => story.push(`${entry.name} has ended`),
    };
    const to = (next: readonly CheckedPump[], difference: Partial<Change['difference']>) =>
      handOver(running, before, {
        config,
        pumps: next,
        effective: [],
        difference: { added: [], removed: [], changed: [], unchanged: [], ...difference },
        texts: { files: new Map(), atStart: undefined, located: new Map() },
        logLevel: 'info',
        certificate: undefined,
      });
    world.clock = crew.clock;
    return { ...crew, forgotten, to };
  };
  const world = { clock: undefined as unknown as ReturnType<typeof aCrew>['clock'] };
  const at = (what: string): number => story.indexOf(what);
  return { story, sinks, routes, aPump, begin, at };
}

describe('A hand-over', () => {
  it('closes the old sink before the new one opens, ends what is gone, begins what is new, and leaves the rest alone', async () => {
    const { story, routes, aPump, begin, at } = aWorld(['A', 'B', 'C', 'D']);
    const [a, b, c] = [aPump('A', 'old A'), aPump('B', 'B'), aPump('C', 'C')];
    const { clock, crew, forgotten, to } = begin([a, b, c]);
    await clock.advance(0);
    expect(story.toSorted()).toEqual([
      'B opens',
      'C opens',
      'old A opens',
      'the first loop claims',
    ]);

    const over = to([aPump('A', 'new A'), b, aPump('D', 'D')], {
      ...{ added: ['D'], removed: ['C'], changed: ['A'], unchanged: ['B'] },
    });
    await clock.advance(5_000);
    const now = await over;

    expect(at('old A is closed')).toBeGreaterThan(0);
    expect(at('new A opens')).toBeGreaterThan(at('old A is closed'));
    // The groups of a new route are made by the loop that knows it.
    expect(at('D opens')).toBeGreaterThan(at('the next loop claims'));
    expect(story.filter((each) => /^[BC] /.test(each))).toEqual([
      ...['B opens', 'C opens', 'C closes', 'C is closed', 'C has ended'],
    ]);
    expect(forgotten).toEqual(['C']);
    expect(crew.report().map(({ route }) => route)).toEqual(['A', 'B', 'D']);
    expect(now.pumps.map(({ entry }) => entry.name)).toEqual(['A', 'B', 'D']);
    for (const route of routes) route.add(3);
    await clock.advance(5_000);
    expect(routes.map(({ source }) => source.settled.length)).toEqual([1, 1, 0, 1]);
  });

  it('opens what there is one of after all such that are on their way out, and no other waits for those', async () => {
    let close: () => void = () => undefined;
    const closing = new Promise<void>((resolve) => {
      close = resolve;
    });
    const { story, aPump, begin, at } = aWorld(['PAGE', 'FILE', 'ANY']);
    const page = aPump('PAGE', 'old page', { workers: 'one', closing });
    const { clock, to } = begin([page, aPump('ANY', 'old any')]);
    await clock.advance(0);

    const over = to([aPump('FILE', 'file', { workers: 'one' }), aPump('ANY', 'new any')], {
      ...{ added: ['FILE'], removed: ['PAGE'], changed: ['ANY'] },
    });
    await clock.advance(500);
    expect(story).toContain('new any opens');
    expect(story).not.toContain('file opens');
    close();
    await settled();
    await clock.advance(500);
    await over;
    expect(at('file opens')).toBeGreaterThan(at('old page is closed'));
  });

  it.each([
    ['finishes what was begun and gives back the rest', 'at-least-once', [10, 10], 1],
    ['sends all that was read, where it was popped', 'at-most-once', [10, 10, 10, 10], 0],
  ] as const)('%s', async (_title, mode, sizes, releases) => {
    const { sinks, routes, aPump, begin } = aWorld(['A'], mode);
    const [route] = routes;
    route!.add(20);
    const rest = route!.add(20);
    const { clock, to } = begin([aPump('A', 'old')]);
    await settled();
    expect(sinks[0]!.sizes).toEqual([10]);

    const over = to([aPump('A', 'new')], { changed: ['A'] });
    await clock.advance(10_000);
    await over;
    expect(sinks[0]!.sizes).toEqual(sizes);
    expect(route!.source.released).toEqual(Array.from({ length: releases }, () => rest));
    await clock.advance(10_000);
    expect(route!.source.settled).toHaveLength(2);
    expect(sinks.flatMap((sink) => sink.sizes)).toEqual([10, 10, 10, 10]);
  });

  it('gives a sink that hangs its time, and no more', async () => {
    const { sinks, routes, aPump, begin, at } = aWorld(['A']);
    const id = routes[0]!.add(10);
    const { clock, to } = begin([aPump('A', 'old')]);
    await settled();
    sinks[0]!.answer = () => new Promise(() => undefined);
    routes[0]!.add(10);
    await clock.advance(1_000);

    const over = to([aPump('A', 'new')], { changed: ['A'] });
    // The stop's time, less what closing may take.
    await clock.advance(config.delivery.shutdownTimeout - 7_000 - 1);
    expect(at('old closes')).toBe(-1);
    await clock.advance(6_000);
    await over;
    expect(at('new opens')).toBeGreaterThan(at('old is closed'));
    await clock.advance(5_000);
    expect(routes[0]!.source.settled).toHaveLength(2);
    expect(routes[0]!.source.settled[0]).toBe(id);
  });
});
