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
  | { readonly form: 'flag'; readonly field: FlagField };

/** The columns of the reference (tyk-pump.md, "csv"): the flat record without GraphQL and MCP. */
export const fullCsvColumns: readonly CsvColumn[] = fields.flatMap((field) => {
  const value = valueOf(field);
  return field.csv === undefined || value === undefined ? [] : [{ header: field.csv, value }];
});

/** Undefined for what no column has. */
function valueOf({ kind, name, csvNumber }: Field): CsvValue | undefined {
  switch (kind) {
    case 'text':
      return { form: 'text', field: name };
    case 'int32':
    case 'int64':
      return { form: csvNumber ?? 'unsigned', field: name };
    case 'float':
      return { form: 'truncated', field: name };
    case 'flag':
      return { form: 'flag', field: name };
    case 'time':
      return { form: 'go-time', field: name };
    case 'list':
      return { form: 'list', field: name };
    case 'names':
      return { form: 'city-names' };
    case 'types':
    case 'errors':
      return undefined;
  }
  return kind satisfies never;
}

/** The same, with no text that a spreadsheet would run: who calls an API writes its paths and user agents. */
export const guardedCsvColumns: readonly CsvColumn[] = fullCsvColumns.map(({ header, value }) => ({
  header,
  value:
    value.form === 'text' || value.form === 'list' || value.form === 'city-names'
      ? { ...value, isGuarded: true }
      : value,
}));
