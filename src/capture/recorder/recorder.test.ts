import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { FakeClock, settled } from '../../lib/fake-clock.testing.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { millis } from '../../lib/units.ts';
import { captureMetrics } from '../metrics.ts';
import type { Outcome } from './destination.ts';
import { RecordQueue } from './queue.ts';
import { Recorder } from './recorder.ts';

const record = (number: number): Buffer => Buffer.from(String(number).padStart(6, '0'));

/** A destination that answers what the test says, in turn; then that it is written. */
function bench({ most = 1000 } = {}) {
  const clock = new FakeClock();
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const answers: Outcome[] = [];
  const stored: number[] = [];
  const batches: number[] = [];
  const recorder = new Recorder({
    destination: {
      write(records) {
        const answer = answers.shift() ?? { kind: 'written' };
        batches.push(records.length);
        if (answer.kind !== 'not-written') stored.push(...records.map((each) => Number(each)));
        return Promise.resolve(answer);
      },
    },
    bounds: { records: most, bytes: 10_000_000 },
    flush: millis(100),
    clock,
    log,
    metrics: captureMetrics(metrics),
  });
  const stop = new AbortController();
  const abandon = new AbortController();
  const ended = recorder.run({ stop: stop.signal, abandon: abandon.signal });
  const put = (from: number, to: number): void => {
    for (let number = from; number < to; number++) recorder.put(record(number));
  };
  return { clock, log, metrics, answers, stored, batches, recorder, stop, abandon, ended, put };
}

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, at) => from + at);
const away: Outcome = { kind: 'not-written', reason: 'gone', isAway: true };
const refused: Outcome = { kind: 'not-written', reason: 'OOM', isAway: false };

describe('the recorder', () => {
  it('writes what comes within the flush time together', async () => {
    const { clock, put, stored, batches } = bench();
    await settled();
    put(0, 3);
    await clock.advance(99);
    expect(stored).toEqual([]);

    await clock.advance(1);

    expect(stored).toEqual([0, 1, 2]);
    put(3, 5);
    await clock.advance(100);
    expect(batches).toEqual([3, 2]);
  });

  it('tells who can wait when there is room, and when all is written', async () => {
    const { clock, put, answers, recorder, stored } = bench({ most: 10 });
    const { signal } = new AbortController();
    answers.push(away);
    await settled();
    put(0, 6);
    const seen: string[] = [];
    void recorder.room(signal).then(() => seen.push('room'));
    void recorder.written(signal).then((isWhole) => seen.push(`written ${isWhole}`));
    await clock.advance(100);
    expect(seen).toEqual([]);

    await clock.advance(400);

    expect(stored).toHaveLength(6);
    expect(seen).toEqual(['room', 'written true']);
    await expect(recorder.written(signal)).resolves.toBe(true);
  });

  it('tells who waits that records were lost, and lets go at the abort', async () => {
    const { clock, put, answers, recorder } = bench({ most: 10 });
    const stop = new AbortController();
    answers.push(away, away, away);
    await settled();
    put(0, 6);
    const written = recorder.written(stop.signal);
    put(6, 20);
    await clock.advance(1000);

    await expect(written).resolves.toBe(false);
    answers.push(away, away, away);
    put(20, 28);
    const late = [recorder.room(stop.signal), recorder.written(stop.signal)] as const;
    stop.abort();
    await late[0];
    await expect(late[1]).resolves.toBe(false);
  });

  it('does not wait where there is enough for a batch', async () => {
    const { put, batches } = bench();
    await settled();

    put(0, 600);
    await settled();

    expect(batches[0]).toBe(512);
  });

  it('keeps records in order while they are not taken, and says the outage once, with its end', async () => {
    const { clock, put, answers, stored, log, recorder, metrics } = bench();
    answers.push(away, away, refused, refused);
    await settled();
    put(0, 2);
    await clock.advance(100);
    put(2, 4);
    expect(recorder.trouble).toBe('gone');

    await clock.advance(2000);

    expect(stored).toEqual([0, 1, 2, 3]);
    expect(recorder.trouble).toBeUndefined();
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'warn: Records wait: Redis does not take them at present.',
      'error: Records wait: Redis refuses them.',
      'info: Records are written again.',
    ]);
    expect(metrics.of('sluice_capture_write_refusals_total')).toBe(2);
    expect(metrics.of('sluice_capture_records_total', 'written')).toBe(4);
  });

  it('writes again what may have been written, and counts it', async () => {
    const { clock, put, answers, stored, metrics } = bench();
    answers.push({ kind: 'unknown', reason: 'Connection is closed.' });
    await settled();
    put(0, 2);

    await clock.advance(1000);

    expect(stored).toEqual([0, 1, 0, 1]);
    expect(metrics.of('sluice_capture_unknown_total')).toBe(2);
    expect(metrics.of('sluice_capture_records_total', 'written')).toBe(2);
  });

  it('drops the oldest at its bound, counts them, and says how many at the end', async () => {
    const { clock, put, answers, stored, metrics, log } = bench({ most: 3 });
    answers.push(away, away, away);
    await settled();

    put(0, 10);
    await clock.advance(2000);

    expect(stored).toEqual([7, 8, 9]);
    expect(metrics.of('sluice_capture_dropped_total', 'queue')).toBe(7);
    const lines = log.lines.filter(({ level }) => level === 'error');
    expect(lines.map(({ message }) => message)).toEqual([
      'The queue of records is full, so the oldest are dropped.',
      'Records are written again.',
    ]);
    expect(lines[1]?.fields['dropped']).toBe(7);
  });

  it('writes at a stop what is left', async () => {
    const { put, stop, ended, stored } = bench();
    await settled();
    put(0, 1500);

    stop.abort();
    await ended;

    expect(stored.slice(-1000)).toEqual(numbers(500, 1500));
  });

  it('says what is lost where a stop has no more time', async () => {
    const { put, stop, abandon, ended, answers, metrics, log } = bench();
    answers.push(...Array.from({ length: 100 }, () => away));
    await settled();
    put(0, 5);
    stop.abort();
    await settled();

    abandon.abort();

    expect(await ended).toBe(5);
    expect(metrics.of('sluice_capture_dropped_total', 'stop')).toBe(5);
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { records: 5 } });
  });
});

describe('the queue', () => {
  it('loses none that it does not count, and keeps the order and its bounds', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put'), size: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ kind: fc.constantFrom('take', 'done', 'back'), size: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new RecordQueue({ records: 8, bytes: 3000 });
        let [came, dropped, written, next] = [0, 0, 0, 0];
        let taken: readonly Buffer[] = [];
        for (const { kind, size } of steps) {
          if (kind === 'put') {
            const bytes = Buffer.alloc(size + 4);
            bytes.writeUInt32BE(came++);
            dropped += queue.put(bytes);
          } else if (kind === 'take' && taken.length === 0) {
            taken = queue.take(size + 1, 500);
            const first = taken[0]?.readUInt32BE() ?? next;
            expect(first).toBeGreaterThanOrEqual(next);
            next = first;
          } else if (kind === 'done') {
            queue.done();
            written += taken.length;
            next += taken.length;
            taken = [];
          } else if (kind === 'back') {
            dropped += queue.back();
            taken = [];
          }
          expect(queue.length).toBe(came - dropped - written);
          // What is under way cannot be dropped.
          expect(queue.length - taken.length).toBeLessThanOrEqual(8);
          expect(queue.bytes >= 0 && (taken.length > 0 || queue.bytes <= 3000)).toBe(true);
        }
      }),
    );
  });
});
