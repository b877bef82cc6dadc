import type { Region } from '../chunk.ts';
import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from '../fields.ts';
import type { GraphError, Integer, RecordTime } from '../record.ts';
import { slotOf } from '../slots.ts';
import {
  createSpan,
  createSpans,
  emptySpan,
  type Span,
  type SpannedRecord,
  type Spans,
} from '../span.ts';
import { localZone } from '../time/local-zone.ts';
import { zeroTime } from '../time/zero-time.ts';
import { decodeUtf8 } from '../utf8.ts';
import {
  type Cursor,
  locateText,
  readCount,
  readErrors,
  readFloat,
  readInteger,
  readMap,
  readSeconds,
  readText,
  readTextList,
  readTime,
  unsigned,
} from './read.ts';

const span = createSpan();
const spans = createSpans();

/** A record over its bytes: one row of the chunk's slots. */
export class MsgpackRecord implements SpannedRecord {
  readonly encoding = 'msgpack';
  readonly region: Buffer;
  readonly view: DataView;
  readonly origin: number;
  readonly size: number;
  readonly slots: Int32Array;
  readonly base: number;

  constructor(
    { region, view }: Region,
    origin: number,
    size: number,
    slots: Int32Array,
    base: number,
  ) {
    this.region = region;
    this.view = view;
    this.origin = origin;
    this.size = size;
    this.slots = slots;
    this.base = base;
  }

  get bytes(): Buffer {
    return this.region.subarray(this.origin, this.origin + this.size);
  }

  text(field: TextField): string {
    const { source, start, end } = this.span(slotOf[field]);
    return decodeUtf8(source, start, end);
  }

  utf8(field: TextField): Uint8Array {
    const { source, start, end } = this.span(slotOf[field]);
    return source.subarray(start, end);
  }

  span(slot: number): Span {
    const at = this.#at(slot);
    if (at === 0) return emptySpan(span);
    locateText(this.region, at, span);
    return span;
  }

  integer(field: IntegerField): Integer {
    const at = this.#at(slotOf[field]);
    if (at === 0) return 0;
    const value = readInteger(this.region, at);
    return field === 'geo.city.geoname_id' ? unsigned(value) : value;
  }

  float(field: FloatField): number {
    const at = this.#at(slotOf[field]);
    return at === 0 ? 0 : readFloat(this.region, at);
  }

  flag(field: FlagField): boolean {
    const at = this.#at(slotOf[field]);
    return at !== 0 && this.region[at] === 0xc3;
  }

  time(field: TimeField): RecordTime {
    const at = this.#at(slotOf[field]);
    if (at === 0) return zeroTime;
    const { seconds, nanos } = readTime(this.region, at);
    return { seconds, nanos, zone: localZone() };
  }

  seconds(field: TimeField): Integer {
    const at = this.#at(slotOf[field]);
    return at === 0 ? zeroTime.seconds : readSeconds(this.region, at);
  }

  list(field: ListField): readonly string[] | null {
    return this.#read(slotOf[field], readTextList);
  }

  spans(slot: number): Spans | undefined {
    const at = this.#at(slot);
    if (at === 0) return undefined;
    const cursor = { bytes: this.region, at };
    const count = readCount(cursor);
    if (count < 0) return undefined;
    spans.source = this.region;
    spans.count = count;
    for (let index = 0; index < count; index++) {
      locateText(this.region, cursor.at, span);
      spans.bounds[2 * index] = span.start;
      spans.bounds[2 * index + 1] = span.end;
      cursor.at = span.end;
    }
    return spans;
  }

  cityNames(): ReadonlyMap<string, string> | null {
    return this.#read(slotOf['geo.city.names'], (cursor) =>
      readMap(cursor, () => readText(cursor)),
    );
  }

  graphTypes(): ReadonlyMap<string, readonly string[] | null> | null {
    return this.#read(slotOf['graphql_stats.Types'], (cursor) =>
      readMap(cursor, () => readTextList(cursor)),
    );
  }

  graphErrors(): readonly GraphError[] | null {
    return this.#read(slotOf['graphql_stats.Errors'], readErrors);
  }

  #read<T>(slot: number, read: (cursor: Cursor) => T): T | null {
    const at = this.#at(slot);
    return at === 0 ? null : read({ bytes: this.region, at });
  }

  /** Of the value within the region; 0 where it is missing. */
  #at(slot: number): number {
    const at = this.slots[this.base + slot] as number;
    return at === 0 ? 0 : this.origin + at;
  }
}
