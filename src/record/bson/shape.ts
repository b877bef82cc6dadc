import type { AnalyticsRecord, Integer } from '../record.ts';
import type { LeafField } from '../slots.ts';

/** A document of BSON as data: name ← what stands there. A pump declares it; `bsonWriter` makes its writer. */
export type BsonShape = readonly BsonEntry[];

export interface BsonEntry {
  readonly key: string;
  readonly value: BsonShapeValue;
}

export type BsonShapeValue =
  /**
   * The type follows from the field's: texts byte for byte, also where they are no UTF-8; Go's int as 32 bits where it fits;
   * times as UTC in milliseconds; a list or a map that is nil as an empty one.
   */
  | { readonly form: 'field'; readonly field: LeafField }
  | { readonly form: 'object'; readonly entries: BsonShape }
  /** The same in every document. */
  | { readonly form: 'constant'; readonly text: string }
  /** A number is Go's int: 32 bits where it fits. */
  | { readonly form: 'computed'; readonly compute: (record: AnalyticsRecord) => Computed };

type Computed = string | boolean | Integer;
