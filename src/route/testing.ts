/** Fakes of our own ports, for the tests of this folder. */
import type { PumpEntry } from '../config/config.ts';
import { FakeClock } from '../lib/fake-clock.ts';
import { silentLog } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { bytes, mebibytes, millis, seconds } from '../lib/units.ts';
import { type Batch, recordIdOf } from '../pump/batch.ts';
import type { PreparedPump } from '../pump/define-pump.ts';
import { Delivery } from '../pump/delivery.ts';
import type { Limits } from '../pump/limits.ts';
import type { Sink } from '../pump/sink.ts';
import { delivered } from '../pump/verdict.ts';
import type { Chunks, ReadRange } from '../purge/chunks.ts';
import type { Lease, Leases, Range, SourceList } from '../purge/lease.ts';
import type { AnalyticsRecord, Chunk, Undecodable } from '../record/record.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { DeadLetters, Stored } from './dead-letters.ts';
import { type Account, Item } from './item.ts';
import { createRoute, type Route, type RouteParts } from './route.ts';

export interface RecordFields {
  readonly apiId?: string;
  readonly orgId?: string;
  readonly code?: number;
  readonly size?: number;
}

export function aFakeRecord(fields: RecordFields = {}): AnalyticsRecord {
  const texts: Readonly<Record<string, string>> = {
    api_id: fields.apiId ?? 'api',
    org_id: fields.orgId ?? 'org',
  };
  return {
    encoding: 'msgpack',
    bytes: new Uint8Array(fields.size ?? 100).fill(0x61),
    text: (field) => texts[field] ?? '',
    utf8: (field) => Buffer.from(texts[field] ?? ''),
    integer: (field) => (field === 'response_code' ? (fields.code ?? 200) : 0),
    float: () => 0,
    flag: () => false,
    time: () => ({ seconds: 0, nanos: 0, zone: 'UTC' }),
    seconds: () => 0,
    list: () => null,
    cityNames: () => null,
    graphTypes: () => null,
    graphErrors: () => null,
  };
}

const decode = (elements: readonly Uint8Array[]): Chunk =>
  chunkOf(elements.map((element) => aFakeRecord({ size: element.length })));

export const aList = (key = 'analytics-tyk-system-analytics'): SourceList => ({
  key,
  decoder: { name: 'msgpack', keySuffix: '', decode },
});

/** `undefined` stands for an undecodable element. */
export function chunkOf(records: readonly (AnalyticsRecord | undefined)[]): Chunk {
  const undecodable: Undecodable[] = [];
  for (const [index, record] of records.entries())
    if (record === undefined)
      undecodable.push({ index, bytes: Buffer.from('broken'), reason: 'it is no map' });
  return { size: records.length, byteLength: 0, record: (index) => records[index], undecodable };
}

export function anItem(fields: RecordFields & { readonly index?: number } = {}): Item {
  const record = aFakeRecord(fields);
  const list = aList();
  const range = { list, segment: '1-1', start: 0, count: 1, bytes: 100, claimedAt: 0 };
  const tally = { delivered: 0, rejected: 0, filtered: 0, vanished: 0, spilled: 0 };
  const origin: Account = { kind: 'range', list, lease: { id: '1-1', range }, pending: 1, tally };
  const item = new Item(origin, '1-1', fields.index ?? 0, record, record.bytes.length);
  item.attempts = 1;
  item.first = { at: millis(1) };
  return item;
}

/** A source of ranges in memory: both the leases and the chunks of one route. */
export class FakeSource implements Leases, Chunks {
  readonly settled: string[] = [];
  readonly released: string[] = [];
  /** Ids of leases that somebody else has taken over. */
  readonly takenOver = new Set<string>();
  /** Called before a settle resolves. */
  onSettle: (lease: Lease) => Promise<void> = () => Promise.resolve();
  /** Ranges asked for and not settled, at most, ever. */
  #waiting: Lease[] = [];
  readonly #chunks = new Map<string, ReadRange>();
  #wake: (() => void) | undefined;
  #ids = 0;

  /** Makes a range available; returns its lease's id, which is its segment too. */
  add(
    records: readonly (AnalyticsRecord | undefined)[],
    { list = aList(), vanished = 0, rangeBytes = 0 } = {},
  ): string {
    this.#ids += 1;
    const id = `${this.#ids}-0`;
    const range: Range = {
      list,
      segment: id,
      start: 0,
      count: records.length + vanished,
      bytes: rangeBytes || records.reduce((sum, record) => sum + (record?.bytes.length ?? 6), 0),
      claimedAt: 0,
    };
    this.#chunks.set(id, { chunk: chunkOf(records), vanished });
    this.#waiting.push({ id, range });
    this.#wake?.();
    return id;
  }

  async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    while (this.#waiting.length === 0 && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    return signal.aborted ? [] : this.#waiting.splice(0, most);
  }

  async settle(lease: Lease): Promise<void> {
    await this.onSettle(lease);
    this.settled.push(lease.id);
  }

  isHeld({ id }: Lease): Promise<boolean> {
    return Promise.resolve(!this.takenOver.has(id));
  }

  release(leases: readonly Lease[]): Promise<void> {
    this.released.push(...leases.map(({ id }) => id));
    return Promise.resolve();
  }

  read(range: Range, signal: AbortSignal): Promise<ReadRange> {
    signal.throwIfAborted();
    const read = this.#chunks.get(range.segment);
    return read === undefined ? Promise.reject(new Error('no such range')) : Promise.resolve(read);
  }
}

/** Dead letters in memory. */
export class FakeLetters implements DeadLetters {
  readonly letters = new Map<string, DeadLetter>();
  readonly removed: string[] = [];
  asked: DeadLetter[] = [];
  /** Fails so many calls first. */
  failures = 0;

  put(_list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<Stored> {
    if (this.failures-- > 0) return Promise.reject(new Error('Redis is away'));
    let stored = 0;
    for (const letter of letters) {
      const key = `${route} ${letter.id}`;
      if (this.letters.has(key)) continue;
      this.letters.set(key, letter);
      stored += 1;
    }
    return Promise.resolve({ stored, dropped: 0 });
  }

  putUndecodable(range: Range, elements: readonly Undecodable[]): Promise<Stored> {
    const made = elements.map(({ index, bytes: raw, reason }) =>
      aLetter({
        id: recordIdOf(range.segment, range.start + index),
        kind: 'undecodable',
        bytes: raw,
        reason,
      }),
    );
    return this.put(range.list, 'undecodable', made);
  }

  remove(_list: SourceList, _route: string, ids: readonly string[]): Promise<void> {
    this.removed.push(...ids);
    return Promise.resolve();
  }

  replace(_list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of letters) this.letters.set(`${route} ${letter.id}`, letter);
    return Promise.resolve();
  }

  mayHaveRetries(): Promise<boolean> {
    return Promise.resolve(true);
  }

  takeRetries(): Promise<readonly DeadLetter[]> {
    const asked = this.asked;
    this.asked = [];
    return Promise.resolve(asked);
  }
}

export const aLetter = (overrides: Partial<DeadLetter> = {}): DeadLetter => ({
  id: recordIdOf('1-1', 0),
  list: aList().key,
  route: 'TEST',
  kind: 'invalid',
  reason: 'the field is no number',
  attempts: 1,
  firstAt: millis(1),
  lastAt: millis(2),
  encoding: 'msgpack',
  bytes: Buffer.from([0x80, 0x0a, 0xff]),
  ...overrides,
});

export type Deliver = Sink['deliver'];

/** A sink that answers as told and remembers what it was given. */
export class FakeSink implements Sink {
  readonly batches: Batch[] = [];
  answer: Deliver;
  underWay = 0;
  mostUnderWay = 0;
  closed = 0;

  constructor(answer: Deliver = (batch) => Promise.resolve(Delivery.whole(batch, delivered()))) {
    this.answer = answer;
  }

  get sizes(): readonly number[] {
    return this.batches.map(({ size }) => size);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    this.batches.push(batch);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      return await this.answer(batch, signal);
    } finally {
      this.underWay -= 1;
    }
  }

  check(): Promise<{ readonly state: 'up' }> {
    return Promise.resolve({ state: 'up' });
  }

  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

/** Sums what counters were given, by name and label values. */
export class CountingMetrics implements Metrics {
  readonly totals = new Map<string, number>();

  of(name: string, ...labels: readonly string[]): number {
    return this.totals.get([name, ...labels].join(' ')) ?? 0;
  }

  counter({ name }: { readonly name: string }) {
    return {
      add: (amount: number, labels: Readonly<Record<string, string>> = {}): void => {
        const key = [name, ...Object.values(labels)].join(' ');
        this.totals.set(key, (this.totals.get(key) ?? 0) + amount);
      },
    };
  }

  gauge() {
    return { set: () => undefined };
  }

  histogram() {
    return { observe: () => undefined };
  }
}

export const aPumpEntry = (overrides: Partial<PumpEntry> = {}): PumpEntry => ({
  name: 'TEST',
  type: 'test',
  filters: {
    apiIds: [],
    orgIds: [],
    responseCodes: [],
    skipApiIds: [],
    skipOrgIds: [],
    skipResponseCodes: [],
  },
  timeout: undefined,
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
  limits: {
    records: undefined,
    bytes: undefined,
    age: undefined,
    inFlight: undefined,
    concurrency: 'adaptive',
  },
  meta: { raw: {}, source: 'test', key: 'pumps.TEST.meta', env: {}, envPrefix: '' },
  ...overrides,
});

/** Everything a route needs, in memory; what a test wants to look at is beside it. */
export class RouteBench {
  readonly clock = new FakeClock();
  readonly source = new FakeSource();
  readonly letters = new FakeLetters();
  readonly metrics = new CountingMetrics();
  readonly stop = new AbortController();
  readonly abandon = new AbortController();
  readonly sink: FakeSink;
  readonly route: Route;

  constructor(
    sink: FakeSink = new FakeSink(),
    overrides: Partial<Omit<RouteParts, 'pump'>> & {
      readonly limits?: Partial<Limits>;
      readonly pump?: Partial<PreparedPump>;
    } = {},
  ) {
    this.sink = sink;
    const { limits, pump, ...parts } = overrides;
    const context = {
      route: 'TEST',
      log: silentLog,
      programLog: silentLog,
      clock: this.clock,
      processId: 1,
      writeOutput: () => Promise.resolve(),
      mount: () => () => undefined,
    };
    this.route = createRoute({
      entry: aPumpEntry(),
      pump: {
        limits: {
          records: 10,
          bytes: bytes(10_000),
          age: millis(1000),
          inFlight: 2,
          ...limits,
        },
        repeats: 'harmless',
        guarantee: 'effectively-once',
        workers: 'any',
        open: () => Promise.resolve(sink),
        classify: () => undefined,
        ...pump,
      },
      context,
      leases: this.source,
      chunks: this.source,
      letters: this.letters,
      lists: [aList()],
      bounds: { inFlightBytes: mebibytes(32) },
      delivery: {
        attemptTimeout: seconds(30),
        backoffBase: millis(100),
        backoffMax: seconds(30),
        retryShare: 0.5,
      },
      clock: this.clock,
      log: silentLog,
      metrics: this.metrics,
      ...parts,
    });
  }

  start(): ReturnType<Route['run']> {
    return this.route.run({ stop: this.stop.signal, abandon: this.abandon.signal });
  }

  records(outcome: string): number {
    return this.metrics.of('sluice_records_total', 'TEST', outcome);
  }
}

export const someRecords = (count: number, fields: RecordFields = {}): AnalyticsRecord[] =>
  Array.from({ length: count }, () => aFakeRecord(fields));
