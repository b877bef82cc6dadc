import type { FloatField, IntegerField, ListField, TextField } from '../fields.ts';
import type { AnalyticsRecord, GraphError } from '../record.ts';
import { slotOf } from '../slots.ts';
import { createSpan, emptySpan, type Span, type SpannedRecord, spanned } from '../span.ts';

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

  begin(record: AnalyticsRecord): void {
    this.#record = spanned(record);
    if (!this.isChanged) return;
    this.#texts.clear();
    this.#numbers.clear();
    this.#names = undefined;
    this.#errors = undefined;
  }

  get isChanged(): boolean {
    return (
      this.#texts.size > 0 ||
      this.#numbers.size > 0 ||
      this.#names !== undefined ||
      this.#errors !== undefined
    );
  }

  /** The text at this slot: valid until the next question, and as long as what it was set to is not written to. */
  span(slot: number): Span {
    const set = this.#texts.get(slot);
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

  /** The texts of the list at this slot; undefined where there is none. */
  list(slot: number): readonly Uint8Array[] | undefined {
    const set = this.#texts.get(slot);
    if (set !== undefined && !(set instanceof Uint8Array)) return set;
    const found = this.#record?.spans(slot);
    if (found === undefined) return undefined;
    const { source, count, bounds } = found;
    return Array.from({ length: count }, (_, index) =>
      source.subarray(bounds[2 * index], bounds[2 * index + 1]),
    );
  }

  errors(): readonly GraphError[] | null {
    return this.#errors ?? this.#record?.graphErrors() ?? null;
  }

  setText(slot: number, utf8: Uint8Array): void {
    this.#texts.set(slot, utf8);
  }

  setList(slot: number, texts: readonly Uint8Array[]): void {
    this.#texts.set(slot, texts);
  }

  setErrors(errors: readonly GraphError[]): void {
    this.#errors = errors;
  }

  setNumber(field: IntegerField | FloatField, value: number): void {
    this.#numbers.set(slotOf[field], value);
  }

  setCityNames(names: ReadonlyMap<string, string>): void {
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
