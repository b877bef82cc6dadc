import { flagReader } from '../../record/memo/readers.ts';
import type { AnalyticsRecord, RecordTime } from '../../record/record.ts';
import { zeroTime } from '../../record/time/zero-time.ts';
import { bucketStart, type TimeId, timeIdOf } from './bucket.ts';
import { type Counter, OpenCounter, orderOf } from './counter.ts';
import {
  apiDimension,
  type Dimension,
  type DimensionRow,
  dimensionRows,
  type Variant,
} from './dimensions.ts';
import { Pairs } from './pairs.ts';
import { Reading } from './reading.ts';
import { none, noText } from './texts.ts';

export interface FoldOptions {
  readonly variant: Variant;
  /** Paths count also of records that the gateway was not told to track. */
  readonly tracksAllPaths: boolean;
  /** Tags that begin with one of these are not counted. */
  readonly ignoredTagPrefixes: readonly string[];
  /** Length of a bucket: 1 … 60. */
  readonly bucketMinutes: number;
  /** Dimensions that nobody asks for, by their names in SQL. */
  readonly leftOut?: ReadonlySet<string>;
}

/** A counter of an aggregate, and where it belongs. */
export interface Tally {
  readonly dimension: Dimension;
  /** Of a nested dimension the key or OAuth client, below which `value` stands; else undefined. */
  readonly outer: string | undefined;
  readonly value: string;
  readonly counter: Counter;
}

/** What was counted of the records of one bucket and one organisation; of GraphQL and MCP, of one API of it. */
export interface Aggregate {
  /** Unix seconds of the bucket's begin. */
  readonly start: number;
  /** As clocks in the zone of its latest record show it. */
  readonly timeId: TimeId;
  readonly orgId: string;
  /** Empty for REST: there an aggregate has all APIs of an organisation. */
  readonly apiId: string;
  /** The latest time, and the latest expiry, of its records. */
  readonly lastTime: RecordTime;
  readonly expireAt: RecordTime;
  readonly total: Counter;
  /** In the order in which they were met. */
  readonly tallies: readonly Tally[];
}

/** Folds records into aggregates; those that the variant leaves out are passed over. */
export type Fold = (entries: Iterable<Folded>) => readonly Aggregate[];

interface Folded {
  readonly record: AnalyticsRecord;
}

/** An aggregate that still counts. */
interface Open {
  readonly start: number;
  timeId: TimeId;
  readonly orgId: string;
  readonly apiId: string;
  readonly total: OpenCounter;
  lastTime: RecordTime;
  expireAt: RecordTime;
  readonly tallies: Tally[];
}

const isGraph = flagReader('graphql_stats.IsGraphQL');
const isMcp = flagReader('mcp_stats.is_mcp');

/** Whether a variant counts a record. */
export function isFolded(record: AnalyticsRecord, variant: Variant): boolean {
  if (variant === 'graph') return isGraph(record);
  if (variant === 'mcp') return isMcp(record);
  return !isGraph(record) && !isMcp(record) && record.utf8('org_id').length > 0;
}

/** More than there are dimensions. */
const stride = 32;

/**
 * Makes a fold. It remembers texts from one call to the next, and nothing of what it has counted: aggregates of several calls
 * add up to those of one call over all records, whatever the portions and their order.
 */
export function createFold(options: FoldOptions): Fold {
  const reading = new Reading(options);
  const rows = dimensionRows.filter(
    ({ variants, sql }) => variants.includes(options.variant) && options.leftOut?.has(sql) !== true,
  );
  const tables = new Tables();
  return (entries) => {
    reading.vocabulary.tidy();
    tables.forget();
    const folding = new Folding(reading, rows, tables, options);
    for (const { record } of entries) if (isFolded(record, options.variant)) folding.count(record);
    return folding.aggregates;
  };
}

/** What is found again within one call; the room for it is used by the next. */
class Tables {
  /** Of bucket and organisation, then of that and the API. */
  readonly ofOrg = new Pairs();
  readonly ofApi = new Pairs();
  /** Of a place, which is an aggregate and a dimension, and a value in it. */
  readonly cells = new Pairs();
  /** Of an outer and an inner value. */
  readonly nested = new Pairs();

  forget(): void {
    for (const pairs of [this.ofOrg, this.ofApi, this.cells, this.nested]) pairs.forget();
  }
}

/** One call of a fold. */
class Folding {
  readonly #reading: Reading;
  readonly #rows: readonly DimensionRow[];
  readonly #options: FoldOptions;
  readonly #aggregates: Open[] = [];
  /** Numbers of buckets, by their begin. */
  readonly #buckets = new Map<number, number>();
  readonly #tables: Tables;
  readonly #counters: OpenCounter[] = [];

  constructor(
    reading: Reading,
    rows: readonly DimensionRow[],
    tables: Tables,
    options: FoldOptions,
  ) {
    this.#reading = reading;
    this.#rows = rows;
    this.#tables = tables;
    this.#options = options;
  }

  get aggregates(): readonly Aggregate[] {
    return this.#aggregates;
  }

  count(record: AnalyticsRecord): void {
    const reading = this.#reading;
    reading.use(record);
    const isRest = this.#options.variant === 'rest';
    const number = this.#numberOf(isRest ? noText : reading.apiId);
    const aggregate = this.#aggregates[number] ?? this.#begin();
    this.#date(aggregate, record);
    if (!reading.isHit) {
      this.#addNetwork(aggregate, number);
      return;
    }
    aggregate.total.hit(reading, reading.success, reading.error, '');
    const rows = this.#rows;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as DimensionRow;
      const values = row.values(reading);
      if (typeof values === 'number') {
        if (values !== none) this.#countIn(aggregate, number * stride + at, row, values);
      } else for (const value of values) this.#countIn(aggregate, number * stride + at, row, value);
    }
  }

  #numberOf(apiId: number): number {
    const start = bucketStart(this.#reading.time, this.#options.bucketMinutes);
    let bucket = this.#buckets.get(start);
    if (bucket === undefined) {
      bucket = this.#buckets.size;
      this.#buckets.set(start, bucket);
    }
    return this.#tables.ofApi.of(this.#tables.ofOrg.of(bucket, this.#reading.orgId), apiId);
  }

  #begin(): Open {
    const { time, orgId, apiId, vocabulary } = this.#reading;
    const aggregate: Open = {
      start: bucketStart(time, this.#options.bucketMinutes),
      timeId: timeIdOf(time),
      orgId: vocabulary.texts.at(orgId),
      apiId: this.#options.variant === 'rest' ? '' : vocabulary.texts.at(apiId),
      total: new OpenCounter('', '', time),
      lastTime: time,
      expireAt: zeroTime,
      tallies: [],
    };
    this.#aggregates.push(aggregate);
    return aggregate;
  }

  #date(aggregate: Open, record: AnalyticsRecord): void {
    const { time } = this.#reading;
    if (orderOf(time, aggregate.lastTime) > 0) {
      if (time.zone !== aggregate.lastTime.zone) aggregate.timeId = timeIdOf(time);
      aggregate.lastTime = time;
    }
    if (record.seconds('expireAt') < aggregate.expireAt.seconds) return;
    const expireAt = record.time('expireAt');
    if (orderOf(expireAt, aggregate.expireAt) > 0) aggregate.expireAt = expireAt;
  }

  /** To the total, and the bytes also to the API, which is the first dimension where it is asked for. */
  #addNetwork({ total, tallies }: Open, number: number): void {
    const { network, time, apiId, apiName, vocabulary } = this.#reading;
    total.addBytes(network);
    total.addConnections(network);
    total.see(time, '');
    const [row] = this.#rows;
    if (apiId === noText || row?.sql !== apiDimension) return;
    const cell = this.#tables.cells.of(number * stride, apiId);
    const counter = this.#counters[cell] ?? this.#open(tallies, row, apiId, apiName);
    counter.addBytes(network);
    counter.see(time, vocabulary.texts.at(apiName));
  }

  #countIn({ tallies }: Open, place: number, row: DimensionRow, value: number): void {
    const reading = this.#reading;
    const outer = row.outer?.(reading);
    if (outer === noText) return;
    const key = outer === undefined ? value : this.#tables.nested.of(outer, value);
    const cell = this.#tables.cells.of(place, key);
    const human = row.human === undefined ? value : row.human(reading);
    const counter = this.#counters[cell] ?? this.#open(tallies, row, value, human);
    const isGraphError = row.countsGraphErrors && reading.error === 0 && reading.hasGraphErrors;
    counter.hit(
      reading,
      isGraphError ? 0 : reading.success,
      isGraphError ? 1 : reading.error,
      reading.vocabulary.texts.at(human),
    );
  }

  #open(tallies: Tally[], row: DimensionRow, value: number, human: number): OpenCounter {
    const reading = this.#reading;
    const { texts } = reading.vocabulary;
    const identifier = row.identifier === undefined ? value : row.identifier(reading);
    const counter = new OpenCounter(texts.at(identifier), texts.at(human), reading.time);
    this.#counters.push(counter);
    const outer = row.outer === undefined ? undefined : texts.at(row.outer(reading));
    tallies.push({ dimension: row, outer, value: texts.at(value), counter });
    return counter;
  }
}
