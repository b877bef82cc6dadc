import type { Region } from '../chunk.ts';
import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from '../fields.ts';
import { fields } from '../fields.ts';
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
import {
  errorsNumber,
  graphNumber,
  listPlaces,
  nanosSlotOf,
  ownSlots,
  typesNumber,
} from './layout.ts';
import { eachOf, isSet, locateText, readInt32, readInt64, readText } from './read.ts';
import { timeInZone, zoneOf } from './time.ts';

const span = createSpan();
const spans = createSpans();

/** By slot: what is int32 or an enumeration on the wire; all other integers are int64. */
const isNarrow: readonly boolean[] = fields.map(({ kind }) => kind === 'int32');

/** A record over its bytes: one row of the chunk's slots. */
export class ProtobufRecord implements SpannedRecord {
  readonly encoding = 'protobuf';
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
    const at = this.#at(slotOf[field]);
    return at === 0 ? '' : readText(this.region, at);
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
    const slot = slotOf[field];
    const at = this.#at(slot);
    if (at === 0) return 0;
    if (isNarrow[slot] === true) return readInt32(this.region, at);
    return field === 'geo.city.geoname_id'
      ? readInt32(this.region, at) >>> 0
      : readInt64(this.region, at);
  }

  float(field: FloatField): number {
    const at = this.#at(slotOf[field]);
    return at === 0 ? 0 : this.region.readDoubleLE(at);
  }

  flag(field: FlagField): boolean {
    const at = this.#at(slotOf[field]);
    return at !== 0 && isSet(this.region, at);
  }

  time(field: TimeField): RecordTime {
    const secondsAt = this.#at(slotOf[field]);
    const nanosAt = this.#at(nanosSlotOf[field]);
    return timeInZone(
      secondsAt === 0 ? 0 : readInt64(this.region, secondsAt),
      nanosAt === 0 ? 0 : readInt32(this.region, nanosAt),
      zoneOf(this.region, this.#at(ownSlots.zone)),
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
    spans.source = this.region;
    spans.count = 0;
    const place = listPlaces[slot];
    if (place === undefined) return undefined;
    if (place.isInGraph) this.#eachInGraph(place.number, (at) => this.#collect(at));
    else this.#eachFrom(this.#at(slot), place.number, (at) => this.#collect(at));
    return spans.count === 0 ? undefined : spans;
  }

  /** Always null: the reference drops the names of this encoding (tyk-pump.md, "Protobuf"). */
  cityNames(): null {
    return null;
  }

  graphTypes(): ReadonlyMap<string, readonly string[] | null> | null {
    if (this.#at(ownSlots.graph) === 0) return null;
    const types = new Map<string, readonly string[] | null>();
    this.#eachInGraph(typesNumber, (at) => {
      let key = '';
      const fields: string[] = [];
      const entry = this.#placeOf(at);
      eachOf(entry, 1, (keyAt) => (key = readText(this.region, keyAt)));
      eachOf(entry, 2, (valueAt) => {
        eachOf(this.#placeOf(valueAt), 1, (textAt) => fields.push(readText(this.region, textAt)));
      });
      types.set(key, fields.length === 0 ? null : fields);
    });
    return types;
  }

  /** Messages only; an empty list where the reference makes one (tyk-pump.md, "Protobuf"). */
  graphErrors(): readonly GraphError[] | null {
    if (this.#at(ownSlots.graph) === 0) return null;
    const errors: GraphError[] = [];
    this.#eachInGraph(errorsNumber, (at) => {
      errors.push({ message: readText(this.region, at), path: null });
    });
    return errors;
  }

  #collect(at: number): void {
    locateText(this.region, at, span);
    spans.bounds[2 * spans.count] = span.start;
    spans.bounds[2 * spans.count + 1] = span.end;
    spans.count++;
  }

  /** Each of a repeated field of the record itself; the first one's place is known. */
  #eachFrom(first: number, number: number, visit: (at: number) => void): void {
    if (first === 0) return;
    visit(first);
    locateText(this.region, first, span);
    const rest = { bytes: this.region, start: span.end, end: this.origin + this.size };
    eachOf(rest, number, visit);
  }

  #eachInGraph(number: number, visit: (at: number) => void): void {
    const first = this.#at(ownSlots.graph);
    if (first === 0) return;
    const graph = this.#placeOf(first);
    eachOf(graph, number, visit);
    const rest = { bytes: this.region, start: graph.end, end: this.origin + this.size };
    eachOf(rest, graphNumber, (at) => eachOf(this.#placeOf(at), number, visit));
  }

  #placeOf(at: number): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
    locateText(this.region, at, span);
    return { bytes: this.region, start: span.start, end: span.end };
  }

  /** Of the value within the region; 0 where it is missing. */
  #at(slot: number): number {
    const at = this.slots[this.base + slot] as number;
    return at === 0 ? 0 : this.origin + at;
  }
}
