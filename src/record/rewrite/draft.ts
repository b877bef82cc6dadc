import type { FloatField, IntegerField, ListField, TextField } from '../fields.ts';
import type { AnalyticsRecord, GraphError } from '../record.ts';
import { slotCount, slotOf } from '../slots.ts';
import {
  createSpan,
  emptySpan,
  type Span,
  type SpannedRecord,
  type Spans,
  spanned,
} from '../span.ts';

/** Texts that a field holds instead: one, or those of a list. */
type Texts = Uint8Array | readonly Uint8Array[];

const span = createSpan();

/**
 * What shall be otherwise in a record, field by field. Reading gives what was set last, else what the record has. One draft
 * serves many records, one after the other; `begin` forgets all that was set.
 */
export class Draft {
  #record: SpannedRecord | undefined;
  readonly #texts = new Map<number, Texts>();
  readonly #numbers = new Map<number, number>();
  #names: ReadonlyMap<string, string> | undefined;
  #errors: readonly GraphError[] | undefined;
  /** By slot; 1 where something was set. */
  readonly #marks = new Uint8Array(slotCount);

  begin(record: AnalyticsRecord): void {
    this.#record = spanned(record);
    if (!this.isChanged) return;
    this.#texts.clear();
    this.#numbers.clear();
    this.#names = undefined;
    this.#errors = undefined;
    this.#marks.fill(0);
  }

  get isChanged(): boolean {
    return (
      this.#texts.size > 0 ||
      this.#numbers.size > 0 ||
      this.#names !== undefined ||
      this.#errors !== undefined
    );
  }

  /** Whether something was set for the field of this slot. */
  has(slot: number): boolean {
    return this.#marks[slot] === 1;
  }

  /** The text at this slot: valid until the next question, and as long as what it was set to is not written to. */
  span(slot: number): Span {
    const set = this.#texts.size === 0 ? undefined : this.#texts.get(slot);
    if (!(set instanceof Uint8Array)) return this.#record?.span(slot) ?? emptySpan(span);
    span.source = Buffer.from(set.buffer, set.byteOffset, set.byteLength);
    span.start = 0;
    span.end = set.length;
    return span;
  }

  /** The same as a view. */
  text(slot: number): Uint8Array {
    const { source, start, end } = this.span(slot);
    return source.subarray(start, end);
  }

  /** Where the texts of the list at this slot lie, like `span`; undefined where there is none. */
  spans(slot: number): Spans | undefined {
    const set = this.#texts.get(slot);
    return set === undefined || set instanceof Uint8Array
      ? this.#record?.spans(slot)
      : sideBySide(set);
  }

  errors(): readonly GraphError[] | null {
    return this.#errors ?? this.#record?.graphErrors() ?? null;
  }

  setText(slot: number, utf8: Uint8Array): void {
    this.#marks[slot] = 1;
    this.#texts.set(slot, utf8);
  }

  setList(slot: number, texts: readonly Uint8Array[]): void {
    this.#marks[slot] = 1;
    this.#texts.set(slot, texts);
  }

  setErrors(errors: readonly GraphError[]): void {
    this.#marks[slotOf['graphql_stats.Errors']] = 1;
    this.#errors = errors;
  }

  setNumber(field: IntegerField | FloatField, value: number): void {
    this.#marks[slotOf[field]] = 1;
    this.#numbers.set(slotOf[field], value);
  }

  setCityNames(names: ReadonlyMap<string, string>): void {
    this.#marks[slotOf['geo.city.names']] = 1;
    this.#names = names;
  }

  /** What was set for a text. */
  textSet(field: TextField): Uint8Array | undefined {
    const set = this.#texts.get(slotOf[field]);
    return set instanceof Uint8Array ? set : undefined;
  }

  listSet(field: ListField): readonly Uint8Array[] | undefined {
    const set = this.#texts.get(slotOf[field]);
    return set instanceof Uint8Array ? undefined : set;
  }

  numberSet(field: IntegerField | FloatField): number | undefined {
    return this.#numbers.get(slotOf[field]);
  }

  get namesSet(): ReadonlyMap<string, string> | undefined {
    return this.#names;
  }

  get errorsSet(): readonly GraphError[] | undefined {
    return this.#errors;
  }

  /** Every text that was set becomes this one: what remains where what was set makes no record. */
  replaceAll(utf8: Uint8Array): void {
    for (const [slot, texts] of this.#texts)
      this.#texts.set(slot, texts instanceof Uint8Array ? utf8 : texts.map(() => utf8));
    const message = Buffer.from(utf8).toString();
    if (this.#errors !== undefined)
      this.#errors = this.#errors.map(() => ({ message, path: null }));
  }
}

function sideBySide(texts: readonly Uint8Array[]): Spans {
  const bounds: number[] = [];
  let end = 0;
  for (const { length } of texts) bounds.push(end, (end += length));
  return { source: Buffer.concat(texts), count: texts.length, bounds };
}
