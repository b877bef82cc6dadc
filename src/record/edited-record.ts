import { decodeBase64 } from './base64.ts';
import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from './fields.ts';
import type { GraphError, Integer, RecordTime } from './record.ts';
import { slotOf } from './slots.ts';
import { createSpan, emptySpan, type Span, type SpannedRecord, type Spans } from './span.ts';
import { zeroTime } from './time/zero-time.ts';
import { decodeUtf8 } from './utf8.ts';

/** What happens to a raw text: first cut, then decoded. */
export interface Payload {
  readonly slot: number;
  /** Bytes left of it. */
  readonly limit: number;
  readonly isDecoded: boolean;
}

export interface EditPlan {
  /** 1 at the slot of every leaf that reads as Go's zero value. */
  readonly cleared: Uint8Array;
  readonly payloads: readonly Payload[];
}

const span = createSpan();

/** A record with edits laid over it. Nothing is copied; a raw text is decoded when it is first asked for. */
export class EditedRecord implements SpannedRecord {
  readonly original: SpannedRecord;
  readonly plan: EditPlan;
  readonly #decoded: (Buffer | undefined)[] = [];

  constructor(original: SpannedRecord, plan: EditPlan) {
    this.original = original;
    this.plan = plan;
  }

  get encoding(): 'msgpack' | 'protobuf' {
    return this.original.encoding;
  }

  get bytes(): Uint8Array {
    return this.original.bytes;
  }

  get size(): number {
    return this.original.size;
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
    if (this.#isCleared(slot)) return emptySpan(span);
    const payload = this.plan.payloads.find((each) => each.slot === slot);
    return payload === undefined ? this.original.span(slot) : this.#payload(payload);
  }

  spans(slot: number): Spans | undefined {
    return this.#isCleared(slot) ? undefined : this.original.spans(slot);
  }

  integer(field: IntegerField): Integer {
    return this.#isCleared(slotOf[field]) ? 0 : this.original.integer(field);
  }

  float(field: FloatField): number {
    return this.#isCleared(slotOf[field]) ? 0 : this.original.float(field);
  }

  flag(field: FlagField): boolean {
    return !this.#isCleared(slotOf[field]) && this.original.flag(field);
  }

  time(field: TimeField): RecordTime {
    return this.#isCleared(slotOf[field]) ? zeroTime : this.original.time(field);
  }

  seconds(field: TimeField): Integer {
    return this.#isCleared(slotOf[field]) ? zeroTime.seconds : this.original.seconds(field);
  }

  list(field: ListField): readonly string[] | null {
    return this.#isCleared(slotOf[field]) ? null : this.original.list(field);
  }

  cityNames(): ReadonlyMap<string, string> | null {
    return this.#isCleared(slotOf['geo.city.names']) ? null : this.original.cityNames();
  }

  graphTypes(): ReadonlyMap<string, readonly string[] | null> | null {
    return this.#isCleared(slotOf['graphql_stats.Types']) ? null : this.original.graphTypes();
  }

  graphErrors(): readonly GraphError[] | null {
    return this.#isCleared(slotOf['graphql_stats.Errors']) ? null : this.original.graphErrors();
  }

  #isCleared(slot: number): boolean {
    return this.plan.cleared[slot] === 1;
  }

  #payload({ slot, limit, isDecoded }: Payload): Span {
    const { source, start, end } = this.original.span(slot);
    span.source = source;
    span.start = start;
    span.end = Math.min(end, start + limit);
    if (!isDecoded) return span;
    const decoded = this.#decodeOnce(slot, span);
    span.source = decoded;
    span.start = 0;
    span.end = decoded.length;
    return span;
  }

  /** What is no base64 stays as it is. */
  #decodeOnce(slot: number, { source, start, end }: Span): Buffer {
    const known = this.#decoded[slot];
    if (known !== undefined) return known;
    const { bytes, isComplete } = decodeBase64(source, start, end);
    const decoded = isComplete ? bytes : source.subarray(start, end);
    this.#decoded[slot] = decoded;
    return decoded;
  }
}
