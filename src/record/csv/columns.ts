import {
  type Field,
  type FlagField,
  type FloatField,
  fields,
  type IntegerField,
  type ListField,
  type TextField,
  type TimeField,
} from '../fields.ts';
import { valueOf } from '../full-shape.ts';
import type { Shape, ShapeValue } from '../shape.ts';
import { slotOf } from '../slots.ts';
import { fieldOf } from '../write/leaf-value.ts';

/** A column as data: its header, and what stands below it. */
export interface CsvColumn {
  readonly header: string;
  readonly value: CsvValue;
}

/** `isGuarded`: with an apostrophe in front where a spreadsheet would take the cell for a formula. */
export type CsvValue =
  | { readonly form: 'text'; readonly field: TextField; readonly isGuarded?: true }
  /** As an unsigned 64-bit number (−1 is 18446744073709551615), as it is, or as the English name of the month. */
  | { readonly form: 'unsigned' | 'signed' | 'month'; readonly field: IntegerField }
  /** Go's default time text. */
  | { readonly form: 'go-time'; readonly field: TimeField }
  /** Joined by `;`. */
  | { readonly form: 'list'; readonly field: ListField; readonly isGuarded?: true }
  /** `k:v` joined by `;`, keys sorted. */
  | { readonly form: 'city-names'; readonly isGuarded?: true }
  /** Cut to an unsigned 64-bit number. */
  | { readonly form: 'truncated'; readonly field: FloatField }
  | { readonly form: 'flag'; readonly field: FlagField }
  /** With its fraction. */
  | { readonly form: 'float'; readonly field: FloatField }
  /** `k:v` for each value of a list, joined by `;`, keys sorted; and messages joined by `;`. */
  | { readonly form: 'graph-types' | 'graph-errors'; readonly isGuarded?: true }
  /** The same in every row. */
  | { readonly form: 'constant'; readonly text: string };

/** The columns of the reference as a document (tyk-pump.md, "csv"): the flat record without GraphQL and MCP. */
export const csvDocument: Shape = fields.flatMap((field) =>
  field.csv === undefined ? [] : [{ key: field.csv, value: valueOf(field) }],
);

/** The columns of a document. What is in an object has the object's name before its own, and a dot. */
export const csvColumnsOf = (document: Shape, before = ''): readonly CsvColumn[] =>
  document.flatMap(({ key, value }): readonly CsvColumn[] =>
    value.form === 'object'
      ? csvColumnsOf(value.entries, `${before}${key}.`)
      : [{ header: before + key, value: cellOf(value) }],
  );

function cellOf(value: Exclude<ShapeValue, { form: 'object' }>): CsvValue {
  return value.form === 'constant'
    ? { form: 'constant', text: String(JSON.parse(value.json)) }
    : cellOfField(fields[slotOf[fieldOf(value)]] as Field);
}

function cellOfField(field: Field): CsvValue {
  const { kind, name, csvNumber } = field;
  switch (kind) {
    case 'text':
      return { form: 'text', field: name };
    case 'int32':
    case 'int64':
      return { form: csvNumber ?? 'unsigned', field: name };
    case 'float':
      // The reference cuts its own; of ours a part may be all there is.
      return { form: field.csv === undefined ? 'float' : 'truncated', field: name };
    case 'flag':
      return { form: 'flag', field: name };
    case 'time':
      return { form: 'go-time', field: name };
    case 'list':
      return { form: 'list', field: name };
    case 'names':
      return { form: 'city-names' };
    case 'types':
      return { form: 'graph-types' };
    case 'errors':
      return { form: 'graph-errors' };
  }
  return kind satisfies never;
}

/** The same, with no text that a spreadsheet would run: who calls an API writes its paths and user agents. */
export const guardedColumns = (columns: readonly CsvColumn[]): readonly CsvColumn[] =>
  columns.map(({ header, value }) => ({ header, value: guarded(value) }));

function guarded(value: CsvValue): CsvValue {
  switch (value.form) {
    case 'text':
    case 'list':
    case 'city-names':
    case 'graph-types':
    case 'graph-errors':
      return { ...value, isGuarded: true };
    default:
      return value;
  }
}

export const fullCsvColumns: readonly CsvColumn[] = csvColumnsOf(csvDocument);
export const guardedCsvColumns: readonly CsvColumn[] = guardedColumns(fullCsvColumns);
