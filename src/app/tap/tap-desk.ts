/** Who looks at records that pass, over all threads: at most a few, none of whom holds anything up. */
import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Counter, Gauge, Metrics } from '../../lib/metrics.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { onAbort } from '../../lib/waiting.ts';
import { verbatim } from '../../operate/json.ts';
import { Credit } from '../../route/tap/credit.ts';
import type { Tapped, TappedRecord, TapWish } from '../../route/tap/tapped.ts';

/** Each costs a share of what may be spent on all of them, and a connection. */
export const mostListeners = 8;
/** Lets both ends know that the other is there; far within the time that a silent connection lives (lib/page-server.ts). */
const beatEvery = millis(10_000);
/** How often is said how much was not shown. */
const tellEvery = millis(1_000);
/** What waits for a client that does not read. */
const mostWaiting = 200;
const mostWaitingBytes = 2 * 1024 * 1024;

export type TapLine =
  | {
      readonly type: 'record';
      readonly route: string;
      readonly id: string;
      readonly at: string;
      readonly record: object;
    }
  | { readonly type: 'skipped'; readonly records: number }
  | { readonly type: 'beat' };

export interface TapRequest extends Omit<TapWish, 'id'> {
  readonly user: string;
}

interface TapDeskParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function createTapMetrics(metrics: Metrics): {
  readonly listeners: Gauge;
  readonly records: Counter;
} {
  const listeners = metrics.gauge({
    name: 'sluice_tap_listeners',
    help: 'Clients that look on while records pass (/api/v1/tap).',
  });
  const records = metrics.counter({
    name: 'sluice_tap_records_total',
    help: 'Records for taps: shown, or skipped because there were more than the tap may show, or its client read too slowly.',
    labels: ['result'],
  });
  listeners.set(0);
  for (const result of ['shown', 'skipped']) records.add(0, { result });
  return { listeners, records };
}

export class TapDesk {
  readonly #parts: TapDeskParts;
  readonly #listeners = new Map<number, Listener>();
  readonly #wishes = new Map<number, TapWish>();
  readonly #gauge: Gauge;
  readonly #records: Counter;
  #tell: (wishes: readonly TapWish[]) => void = () => undefined;
  #last = 0;
  #isOver = false;

  constructor(parts: TapDeskParts) {
    this.#parts = parts;
    const { listeners, records } = createTapMetrics(parts.metrics);
    this.#gauge = listeners;
    this.#records = records;
  }

  /** Has the threads look for whoever listens, from now on. */
  serves(tell: (wishes: readonly TapWish[]) => void): void {
    this.#tell = tell;
    this.#changed();
  }

  /** Begins to listen, until the signal aborts. Undefined: too many do. */
  open({ user, ...wanted }: TapRequest, signal: AbortSignal): AsyncIterable<TapLine> | undefined {
    const { clock, log } = this.#parts;
    if (this.#listeners.size >= mostListeners) return undefined;
    const id = ++this.#last;
    const listener = new Listener(wanted.rate, clock, this.#records);
    if (this.#isOver || signal.aborted) {
      listener.end();
      return listener.lines();
    }
    this.#listeners.set(id, listener);
    const { routes, where, rate } = wanted;
    log.info({ user, routes, where, rate, tap: id }, 'A tap begins: somebody looks at records.');
    this.#wishes.set(id, { id, ...wanted });
    this.#changed();
    onAbort(signal, () => {
      listener.end();
      if (!this.#listeners.delete(id)) return;
      this.#wishes.delete(id);
      this.#changed();
      const { shown, skipped } = listener;
      log.info({ user, tap: id, shown, skipped }, 'A tap has ended.');
    });
    return listener.lines();
  }

  /** From any thread. */
  hear({ listener, records, skipped }: Tapped): void {
    this.#listeners.get(listener)?.hear(records, skipped);
  }

  /** The service stops: nothing is shown any more. */
  end(): void {
    this.#isOver = true;
    for (const listener of this.#listeners.values()) listener.end();
  }

  #changed(): void {
    this.#gauge.set(this.#listeners.size);
    this.#tell([...this.#wishes.values()]);
  }
}

/** One client. Each thread gives it as many records as it may see in all, so that its rate counts once more here. */
class Listener {
  shown = 0;
  skipped = 0;
  readonly #credit: Credit;
  readonly #clock: Clock;
  readonly #counter: Counter;
  readonly #bell: Bell;
  readonly #waiting: TappedRecord[] = [];
  #waitingBytes = 0;
  /** Not yet told. */
  #untold = 0;
  #toldAt: Millis;
  #isOver = false;

  constructor(rate: number, clock: Clock, counter: Counter) {
    this.#credit = new Credit(rate, clock);
    this.#clock = clock;
    this.#counter = counter;
    this.#bell = new Bell(clock);
    this.#toldAt = clock.elapsed();
  }

  hear(records: readonly TappedRecord[], skipped: number): void {
    let unseen = skipped;
    for (const record of records) {
      const isFull = this.#waiting.length >= mostWaiting || this.#waitingBytes >= mostWaitingBytes;
      if (isFull || this.#credit.left < 1) {
        unseen += 1;
        continue;
      }
      this.#credit.spend(1);
      this.#waiting.push(record);
      this.#waitingBytes += record.record.length;
    }
    this.#skip(unseen);
    this.#bell.ring();
  }

  end(): void {
    this.#isOver = true;
    this.#bell.ring();
  }

  /** At once a beat, so that the client knows that it is heard. */
  async *lines(): AsyncGenerator<TapLine> {
    yield { type: 'beat' };
    let saidAt = this.#clock.elapsed();
    while (!this.#isOver) {
      const line = this.#next();
      const now = this.#clock.elapsed();
      if (line !== undefined) yield line;
      else if (now - saidAt >= beatEvery) yield { type: 'beat' };
      else {
        const untold = this.#untold > 0 ? tellEvery - (now - this.#toldAt) : beatEvery;
        await this.#bell.sleep(millis(Math.max(1, Math.min(untold, beatEvery - (now - saidAt)))));
        continue;
      }
      saidAt = this.#clock.elapsed();
    }
  }

  #next(): TapLine | undefined {
    const now = this.#clock.elapsed();
    if (this.#untold > 0 && now - this.#toldAt >= tellEvery) {
      const records = this.#untold;
      this.#untold = 0;
      this.#toldAt = now;
      return { type: 'skipped', records };
    }
    const next = this.#waiting.shift();
    if (next === undefined) return undefined;
    const { route, id, at, record } = next;
    this.#waitingBytes -= record.length;
    this.shown += 1;
    this.#counter.add(1, { result: 'shown' });
    return {
      ...{ type: 'record', route, id },
      at: new Date(at).toISOString(),
      record: verbatim(record),
    };
  }

  #skip(records: number): void {
    if (records === 0) return;
    this.skipped += records;
    this.#untold += records;
    this.#counter.add(records, { result: 'skipped' });
  }
}
