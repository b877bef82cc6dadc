import type { IntegerField } from '../fields.ts';
import type { ShapeValue } from '../shape.ts';

/** What stands in a column: lists and maps as JSON, where Go has nil as an empty one. */
export type CopyValue =
  | PlainValue
  /** The text of a number, by its place; of one that has none, the empty text. */
  | { readonly form: 'named'; readonly field: IntegerField; readonly names: readonly string[] };

export type PlainValue = Extract<
  ShapeValue,
  {
    readonly form:
      | 'text'
      | 'integer'
      | 'float'
      | 'flag'
      | 'time'
      | 'list'
      | 'city-names'
      | 'graph-types'
      | 'graph-errors';
  }
>;
