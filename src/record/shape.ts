import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from './fields.ts';

/**
 * A shape is a document as data: output key ← field, form, condition. A pump declares it; `jsonWriter` makes its writer.
 * Data and not a function, so that it can become a program (write/compiled-writer.ts).
 */
export type Shape = readonly ShapeEntry[];

export interface ShapeEntry {
  readonly key: string;
  readonly value: ShapeValue;
  /** Written only where this flag of the record is set. */
  readonly when?: FlagField;
}

/** What stands behind a key, and how JSON writes it (Go's rules, tyk-pump.md, "JSON as Go writes it"). */
export type ShapeValue =
  | { readonly form: 'text'; readonly field: TextField }
  /** Base64 undone; where it is broken the valid prefix stays (tyk-pump.md, "elasticsearch"). */
  | { readonly form: 'base64'; readonly field: TextField }
  /** Text through a pure function of its bytes. */
  | {
      readonly form: 'derived';
      readonly field: TextField;
      readonly derive: (utf8: Uint8Array) => Uint8Array;
    }
  /** A text that is JSON stands in a document as what it says; one that is none, and outside of JSON, as a text. Empty: null. */
  | { readonly form: 'json'; readonly field: TextField }
  | { readonly form: 'integer'; readonly field: IntegerField }
  | { readonly form: 'float'; readonly field: FloatField }
  | { readonly form: 'flag'; readonly field: FlagField }
  /** RFC 3339 with up to nine digits of fraction. */
  | { readonly form: 'time'; readonly field: TimeField }
  /** Array of texts, or null. */
  | { readonly form: 'list'; readonly field: ListField }
  /** Object of texts with sorted keys, or null. */
  | { readonly form: 'city-names' }
  | { readonly form: 'graph-types' }
  | { readonly form: 'graph-errors' }
  | { readonly form: 'object'; readonly entries: Shape }
  | { readonly form: 'constant'; readonly json: string };
