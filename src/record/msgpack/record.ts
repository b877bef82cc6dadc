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
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly origin: number;
  readonly slots: Int32Array;
  readonly base: number;

  constructor(bytes: Buffer, view: DataView, slots: Int32Array, base: number) {
    this.bytes = bytes;
    this.view = view;
    this.origin = bytes.byteOffset;
    this.slots = slots;
    this.base = base;
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
    locateText(this.bytes, at, span);
    return span;
  }

  integer(field: IntegerField): Integer {
    const at = this.#at(slotOf[field]);
    if (at === 0) return 0;
    const value = readInteger(this.bytes, at);
    return field === 'geo.city.geoname_id' ? unsigned(value) : value;
  }

  float(field: FloatField): number {
    const at = this.#at(slotOf[field]);
    return at === 0 ? 0 : readFloat(this.bytes, at);
  }

  flag(field: FlagField): boolean {
    const at = this.#at(slotOf[field]);
    return at !== 0 && this.bytes[at] === 0xc3;
  }

  time(field: TimeField): RecordTime {
    const at = this.#at(slotOf[field]);
    if (at === 0) return zeroTime;
    const { seconds, nanos } = readTime(this.bytes, at);
    return { seconds, nanos, zone: localZone() };
  }

  seconds(field: TimeField): Integer {
    const at = this.#at(slotOf[field]);
    return at === 0 ? zeroTime.seconds : readSeconds(this.bytes, at);
  }

  list(field: ListField): readonly string[] | null {
    return this.#read(slotOf[field], readTextList);
  }

  spans(slot: number): Spans | undefined {
    const at = this.#at(slot);
    if (at === 0) return undefined;
    const cursor = { bytes: this.bytes, at };
    const count = readCount(cursor);
    if (count < 0) return undefined;
    spans.source = this.bytes;
    spans.count = count;
    for (let index = 0; index < count; index++) {
      locateText(this.bytes, cursor.at, span);
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
    return at === 0 ? null : read({ bytes: this.bytes, at });
  }

  #at(slot: number): number {
    return this.slots[this.base + slot] as number;
  }
}
