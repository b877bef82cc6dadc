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
import { decodeUtf8 } from '../utf8.ts';
import { graphNumbers, ownSlots, recordNumbers } from './layout.ts';
import { eachOf, isSet, locateText, readInt32, readInt64, readText } from './read.ts';
import { timeInZone, zoneOf } from './time.ts';

const span = createSpan();
const spans = createSpans();

/** Fields that are int32 or an enumeration on the wire; all others are int64. */
const narrowFields: ReadonlySet<IntegerField> = new Set([
  'day',
  'month',
  'year',
  'hour',
  'response_code',
  'graphql_stats.OperationType',
]);

/** A record over its bytes: one row of the chunk's slots. */
export class ProtobufRecord implements SpannedRecord {
  readonly encoding = 'protobuf';
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
    const at = this.#at(slotOf[field]);
    return at === 0 ? '' : readText(this.bytes, at);
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
    if (narrowFields.has(field)) return readInt32(this.bytes, at);
    return field === 'geo.city.geoname_id'
      ? readInt32(this.bytes, at) >>> 0
      : readInt64(this.bytes, at);
  }

  float(field: FloatField): number {
    const at = this.#at(slotOf[field]);
    return at === 0 ? 0 : this.bytes.readDoubleLE(at);
  }

  flag(field: FlagField): boolean {
    const at = this.#at(slotOf[field]);
    return at !== 0 && isSet(this.bytes, at);
  }

  time(field: TimeField): RecordTime {
    const nanosSlot = field === 'timestamp' ? ownSlots.timestampNanos : ownSlots.expireAtNanos;
    const secondsAt = this.#at(slotOf[field]);
    const nanosAt = this.#at(nanosSlot);
    return timeInZone(
      secondsAt === 0 ? 0 : readInt64(this.bytes, secondsAt),
      nanosAt === 0 ? 0 : readInt32(this.bytes, nanosAt),
      zoneOf(this.bytes, this.#at(ownSlots.zone)),
    );
  }

  seconds(field: TimeField): Integer {
    return this.time(field).seconds;
  }

  list(field: ListField): readonly string[] | null {
    const found = this.spans(slotOf[field]);
    if (found === undefined) return null;
    const { source, count, bounds } = found;
    return Array.from({ length: count }, (_, index) =>
      decodeUtf8(source, bounds[2 * index] as number, bounds[2 * index + 1] as number),
    );
  }

  spans(slot: number): Spans | undefined {
    spans.source = this.bytes;
    spans.count = 0;
    if (slot === slotOf.tags) this.#eachTag((at) => this.#collect(at));
    else this.#eachInGraph(graphNumbers.rootFields, (at) => this.#collect(at));
    return spans.count === 0 ? undefined : spans;
  }

  /** Always null: the reference drops the names of this encoding (tyk-pump.md, "Protobuf"). */
  cityNames(): null {
    return null;
  }

  graphTypes(): ReadonlyMap<string, readonly string[] | null> | null {
    if (this.#at(ownSlots.graph) === 0) return null;
    const types = new Map<string, readonly string[] | null>();
    this.#eachInGraph(graphNumbers.types, (at) => {
      let key = '';
      const fields: string[] = [];
      const entry = this.#placeOf(at);
      eachOf(entry, 1, (keyAt) => (key = readText(this.bytes, keyAt)));
      eachOf(entry, 2, (valueAt) => {
        eachOf(this.#placeOf(valueAt), 1, (textAt) => fields.push(readText(this.bytes, textAt)));
      });
      types.set(key, fields.length === 0 ? null : fields);
    });
    return types;
  }

  /** Messages only; an empty list where the reference makes one (tyk-pump.md, "Protobuf"). */
  graphErrors(): readonly GraphError[] | null {
    if (this.#at(ownSlots.graph) === 0) return null;
    const errors: GraphError[] = [];
    this.#eachInGraph(graphNumbers.errors, (at) => {
      errors.push({ message: readText(this.bytes, at), path: null });
    });
    return errors;
  }

  #collect(at: number): void {
    locateText(this.bytes, at, span);
    spans.bounds[2 * spans.count] = span.start;
    spans.bounds[2 * spans.count + 1] = span.end;
    spans.count++;
  }

  #eachTag(visit: (at: number) => void): void {
    const first = this.#at(slotOf.tags);
    if (first === 0) return;
    visit(first);
    locateText(this.bytes, first, span);
    eachOf(
      { bytes: this.bytes, start: span.end, end: this.bytes.length },
      recordNumbers.tags,
      visit,
    );
  }

  #eachInGraph(number: number, visit: (at: number) => void): void {
    const first = this.#at(ownSlots.graph);
    if (first === 0) return;
    const graph = this.#placeOf(first);
    eachOf(graph, number, visit);
    const rest = { bytes: this.bytes, start: graph.end, end: this.bytes.length };
    eachOf(rest, recordNumbers.graph, (at) => eachOf(this.#placeOf(at), number, visit));
  }

  #placeOf(at: number): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
    locateText(this.bytes, at, span);
    return { bytes: this.bytes, start: span.start, end: span.end };
  }

  #at(slot: number): number {
    return this.slots[this.base + slot] as number;
  }
}
