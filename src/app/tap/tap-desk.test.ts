import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { snakeCase } from '../../operate/json.ts';
import type { TapWish } from '../../route/tap/tapped.ts';
import { mostListeners, TapDesk, type TapLine } from './tap-desk.ts';

const asked = { routes: ['ES'], where: '', rate: 100, user: 'ops' };

function aDesk() {
  const clock = new FakeClock();
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const desk = new TapDesk({ clock, log, metrics });
  const told: (readonly TapWish[])[] = [];
  desk.serves((wishes) => told.push(wishes));
  return { desk, clock, log, metrics, told };
}

/** Reads lines until there are none for now. */
function reading(lines: AsyncIterable<TapLine>) {
  const read: TapLine[] = [];
  const done = (async () => {
    for await (const line of lines) read.push(snakeCase(line) as TapLine);
  })();
  return { read, done };
}

const records = (count: number, size = 2) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ route: 'ES', id: `1:${index}`, at: 0 },
    record: JSON.stringify({ path: 'a'.repeat(size) }),
  }));

describe('the desk of taps', () => {
  it('tells the threads who listens, and hands on what they show', async () => {
    const { desk, clock, told, log, metrics } = aDesk();
    const gone = new AbortController();
    const { read, done } = reading(desk.open(asked, gone.signal)!);
    await clock.advance(0);
    expect(told.at(-1)).toEqual([{ id: 1, routes: ['ES'], where: '', rate: 100 }]);
    expect(metrics.gauges.get('sluice_tap_listeners')).toBe(1);
    desk.hear({ listener: 1, records: records(1), skipped: 3 });
    desk.hear({ listener: 9, records: records(1), skipped: 3 });
    await clock.advance(1_000);
    expect(read).toEqual([
      { type: 'beat' },
      {
        ...{ type: 'record', route: 'ES', id: '1:0' },
        at: '1970-01-01T00:00:00.000Z',
        record: { path: 'aa' },
      },
      { type: 'skipped', records: 3 },
    ]);
    await clock.advance(10_000);
    expect(read.at(-1)).toEqual({ type: 'beat' });
    expect(read).toHaveLength(4);
    gone.abort();
    await done;
    expect(told.at(-1)).toEqual([]);
    expect(
      log.lines.map(({ message, fields }) => [message, fields['user'], fields['shown']]),
    ).toEqual([
      ['A tap begins: somebody looks at records.', 'ops', undefined],
      ['A tap has ended.', 'ops', 1],
    ]);
  });

  it('loses lines of a client that does not read, counts them, and keeps a bounded number', async () => {
    const { desk, metrics } = aDesk();
    const lines = desk.open({ ...asked, rate: 200 }, new AbortController().signal)!;
    const many = { listener: 1, records: records(100, 20_000), skipped: 0 };
    desk.hear(many);
    desk.hear(many);
    desk.hear(many);
    desk.end();
    const { done } = reading(lines);
    await done;
    const skipped = metrics.of('sluice_tap_records_total', 'skipped');
    expect(skipped).toBeGreaterThanOrEqual(190);
    expect(skipped).toBeLessThan(300);
  });

  it('holds all threads together to the rate', async () => {
    const { desk, clock } = aDesk();
    const { read } = reading(desk.open({ ...asked, rate: 5 }, new AbortController().signal)!);
    const worker = { listener: 1, records: records(5), skipped: 0 };
    desk.hear(worker);
    desk.hear(worker);
    await clock.advance(2_000);
    expect(read.filter(({ type }) => type === 'record')).toHaveLength(5);
    expect(read.at(-1)).toEqual({ type: 'skipped', records: 5 });
  });

  it('has room for a few, and again once one has gone', () => {
    const { desk } = aDesk();
    const gone = new AbortController();
    for (let count = 0; count < mostListeners; count++)
      expect(desk.open(asked, gone.signal)).toBeDefined();
    expect(desk.open(asked, new AbortController().signal)).toBeUndefined();
    gone.abort();
    expect(desk.open(asked, new AbortController().signal)).toBeDefined();
  });

  it('ends every tap when the service stops, and opens none after', async () => {
    const { desk, clock } = aDesk();
    const { done } = reading(desk.open(asked, new AbortController().signal)!);
    await clock.advance(10);
    desk.end();
    await done;
    const late = reading(desk.open(asked, new AbortController().signal)!);
    await late.done;
    expect(late.read).toEqual([{ type: 'beat' }]);
  });
});
