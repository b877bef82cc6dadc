import {
  type ModuleConstant,
  type ModuleMemory,
  modulePage,
  openModule,
} from '../../lib/web-assembly.ts';
import type { FlagField, IntegerField, TextField } from '../fields.ts';
import { textLengthSizes } from '../msgpack/codes.ts';
import { slotOf } from '../slots.ts';
import type { Numbered } from '../write/stretch/documents.ts';
import { payloadSlots } from '../write/stretch/payload-gap.ts';
import { type Loading, mostRecords, StretchRecords } from '../write/stretch/stretch-records.ts';
import { seriesCode } from './series-code.ts';

/** Where the values of a label come from. */
export type NumberSource =
  | { readonly form: 'text'; readonly field: TextField; readonly shownIf?: FlagField | undefined }
  | { readonly form: 'integer'; readonly field: IntegerField }
  /** Something else, which has no number. */
  | { readonly form: 'none' };

export interface SeriesKey {
  /** Of its labels among the sources. */
  readonly positions: readonly number[];
  /** It takes records with this flag alone. */
  readonly only?: FlagField | undefined;
}

export interface SeriesParts {
  readonly sources: readonly NumberSource[];
  readonly metrics: readonly SeriesKey[];
  /** For tests, powers of two: how many texts of a source are remembered, how many series of a metric, how many numbers are given. */
  readonly mostTexts?: number;
  readonly mostSeries?: number;
  readonly mostNumbers?: number;
  /** Bits of a text's hash that count. */
  readonly hashBits?: number;
}

/** What series.as.ts exports. */
interface Exports {
  readonly memory: ModuleMemory;
  readonly textWidthsAt: ModuleConstant;
  readonly freeAt: ModuleConstant;
  readonly given: ModuleConstant;
  readonly missed: ModuleConstant;
  find(
    sources: number,
    sourceCount: number,
    metrics: number,
    metricCount: number,
    places: number,
    first: number,
    metric: number,
    last: number,
    rows: number,
  ): number;
  keep(metric: number, numbers: number, place: number): void;
  forgetSeries(metric: number): void;
  forgetTexts(source: number): void;
  beginAnew(): void;
}

const kinds = { text: 0, integer: 1, none: 2 } as const;
/** Of a source, and of a metric. */
const headSize = 64;
/** Tables begin so small, and grow. */
const fewest = 256;
/** Of a text, on average; further ones have no room. */
const bytesPerText = 64;
const block = 16;

/**
 * Finds the places of series that many records belong to, where a processor does it best. What it remembers is bounded; what it does not
 * know the caller finds, and may have it remembered.
 */
export class SeriesFinder {
  readonly #exports: Exports;
  readonly #words: Int32Array;
  readonly #records: StretchRecords;
  readonly #sources: number;
  readonly #sourceCount: number;
  readonly #metrics: number;
  readonly #metricCount: number;
  readonly #rows: number;
  readonly #mostNumbers: number;
  readonly #loading: Loading;
  #count = 0;
  /** How many records have all their series, and how many metrics the next one. */
  #found = 0;
  #metric = 0;

  constructor(exports: Exports, parts: SeriesParts) {
    const { sources, metrics, mostTexts = 16_384, mostSeries = 32_768, hashBits = -1 } = parts;
    const { memory } = exports;
    this.#exports = exports;
    this.#sourceCount = sources.length;
    this.#metricCount = metrics.length;
    this.#mostNumbers = parts.mostNumbers ?? 2 ** 30;
    this.#loading = { skipsPayloads: !sources.some(isPayload) };
    let end = exports.freeAt.value;
    const take = (size: number): number => {
      const at = end;
      end = (at + size + block - 1) & -block;
      return at;
    };
    this.#sources = take(headSize * sources.length);
    this.#metrics = take(headSize * metrics.length);
    const tables = sources.map(() => ({
      table: take(8 * mostTexts),
      entries: take(block * mostTexts),
      bytes: take(bytesPerText * mostTexts + block),
    }));
    const keys = metrics.map(({ positions }) => ({
      offsets: take(4 * positions.length),
      table: take(8 * mostSeries),
      entries: take(4 * (positions.length + 1) * mostSeries),
    }));
    this.#rows = take(4 * (sources.length + metrics.length) * mostRecords);
    const records = take(StretchRecords.size);
    memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / modulePage)));
    this.#words = new Int32Array(memory.buffer);
    this.#records = new StretchRecords(memory.buffer, records);
    new Uint8Array(memory.buffer).set(textLengthSizes, exports.textWidthsAt.value);
    const slot = (field: FlagField | undefined): number =>
      field === undefined ? -1 : slotOf[field];
    sources.forEach((source, index) => {
      const { table, entries, bytes } = tables[index] as (typeof tables)[number];
      const room = bytesPerText * mostTexts;
      const ofField = source.form === 'none' ? 0 : slotOf[source.field];
      const shownIf = source.form === 'text' ? source.shownIf : undefined;
      this.#put(this.#sources + headSize * index, [
        ...[kinds[source.form], ofField, slot(shownIf), table, 2 * Math.min(fewest, mostTexts) - 1],
        ...[entries, 0, mostTexts, bytes, bytes, bytes + room, hashBits],
      ]);
    });
    metrics.forEach(({ positions, only }, index) => {
      const { offsets, table, entries } = keys[index] as (typeof keys)[number];
      this.#put(
        offsets,
        positions.map((position) => 4 * position),
      );
      this.#put(this.#metrics + headSize * index, [
        ...[positions.length, offsets, slot(only), table, 2 * Math.min(fewest, mostSeries) - 1],
        ...[entries, 0, mostSeries],
      ]);
    });
  }

  /**
   * Takes the record of the entry at `from`, and those behind it that lie side by side with it. Gives how many; below 0: it takes
   * none of so many.
   */
  load(entries: readonly Numbered[], from: number): number {
    if (this.#exports.given.value > this.#mostNumbers) this.#beginAnew();
    const count = this.#records.load(entries, from, undefined, () => true, this.#loading);
    this.#count = count;
    this.#found = 0;
    this.#metric = 0;
    return this.#records.areIn ? count : -count;
  }

  /** How many records it has taken. */
  get count(): number {
    return this.#count;
  }

  /** Goes on to where it does not know a series: gives how many records have all of theirs. */
  find(): number {
    const [sources, metrics] = [this.#sources, this.#metrics];
    const { places } = this.#records;
    this.#found = this.#exports.find(
      ...([sources, this.#sourceCount, metrics, this.#metricCount, places] as const),
      ...([this.#found, this.#metric, this.#count, this.#rows] as const),
    );
    this.#metric = this.#exports.missed.value;
    return this.#found;
  }

  /** The metric whose series it does not know, of the record behind those that have all of theirs. */
  get missed(): number {
    return this.#metric;
  }

  /** Says where that series is, above 0; it is remembered unless `isPassing`. */
  found(place: number, isPassing: boolean): void {
    const row = this.#rows + 4 * this.#found * (this.#metricCount + this.#sourceCount);
    const numbers = row + 4 * this.#metricCount;
    const metric = this.#metrics + headSize * this.#metric;
    this.#words[row / 4 + this.#metric] = place;
    this.#metric += 1;
    if (isPassing) return;
    const width = this.#words[metric / 4] as number;
    const offsets = this.#words[metric / 4 + 1] as number;
    for (let each = 0; each < width; each++) {
      const offset = this.#words[offsets / 4 + each] as number;
      if ((this.#words[(numbers + offset) / 4] as number) < 0) return;
    }
    this.#exports.keep(metric, numbers, place);
  }

  /** Where the series is that a record of this stretch belongs to; 0: the metric does not take it. */
  placeOf(record: number, metric: number): number {
    const width = this.#metricCount + this.#sourceCount;
    return this.#words[this.#rows / 4 + record * width + metric] as number;
  }

  /** The number of a source, of a record that has all its series: of an integer its value, below 0 where that has none. */
  numberOf(record: number, source: number): number {
    const width = this.#metricCount + this.#sourceCount;
    return this.#words[this.#rows / 4 + record * width + this.#metricCount + source] as number;
  }

  /** Forgets where the series of a metric are. */
  forget(metric: number): void {
    this.#exports.forgetSeries(this.#metrics + headSize * metric);
  }

  /** The numbers are used up. */
  #beginAnew(): void {
    for (let source = 0; source < this.#sourceCount; source++)
      this.#exports.forgetTexts(this.#sources + headSize * source);
    for (let metric = 0; metric < this.#metricCount; metric++) this.forget(metric);
    this.#exports.beginAnew();
  }

  #put(at: number, numbers: readonly number[]): void {
    this.#words.set(numbers, at / 4);
  }
}

const isPayload = (source: NumberSource): boolean =>
  source.form !== 'none' && payloadSlots.includes(slotOf[source.field]);

/** One with a memory of its own; undefined where the runtime has none. */
export const openSeriesFinder = (parts: SeriesParts): SeriesFinder | undefined =>
  // What it exports, its source says.
  openModule(seriesCode, (exports) => new SeriesFinder(exports as Exports, parts));
