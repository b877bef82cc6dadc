import type { ListField } from '../fields.ts';
import type { AnalyticsRecord } from '../record.ts';
import { slotOf } from '../slots.ts';
import { spanned } from '../span.ts';
import { decodeUtf8 } from '../utf8.ts';
import { BytesMemo } from './bytes-memo.ts';

export interface ListMemoParts<T> {
  readonly field: ListField;
  /** What is wanted of one text of the list. */
  readonly make: (text: string) => T;
  /** How many texts are remembered at most: a power of two. */
  readonly most?: number;
}

interface Part {
  source: Buffer;
  view: DataView;
  start: number;
  end: number;
}

const nothing = Buffer.alloc(0);
const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Remembers what was made of the texts in a list, as a TextMemo does of a text. */
export class ListMemo<T> {
  readonly #slot: number;
  readonly #memo: BytesMemo<Part, T>;
  readonly #part: Part = { source: nothing, view: viewOf(nothing), start: 0, end: 0 };
  readonly #values: T[] = [];

  constructor({ field, make, ...bounds }: ListMemoParts<T>) {
    this.#slot = slotOf[field];
    this.#memo = new BytesMemo({
      ...bounds,
      make: ({ source, start, end }) => make(decodeUtf8(source, start, end)),
    });
  }

  /** What `make` makes of each text, in their order. The array is used again: it is right until the next question. */
  of(record: AnalyticsRecord): readonly T[] {
    const values = this.#values;
    values.length = 0;
    const spans = spanned(record).spans(this.#slot);
    if (spans === undefined) return values;
    const part = this.#part;
    const { source, count, bounds } = spans;
    if (part.source !== source) {
      // Hundreds of records lie in one region.
      part.source = source;
      part.view = viewOf(source);
    }
    for (let index = 0; index < count; index++) {
      part.start = bounds[2 * index] as number;
      part.end = bounds[2 * index + 1] as number;
      values.push(this.#memo.of(part.view, part.start, part.end - part.start, part));
    }
    return values;
  }

  /** Forgets everything. */
  forget(): void {
    this.#part.source = nothing;
    this.#part.view = viewOf(nothing);
    this.#memo.forget();
  }
}
