import { fieldTable, ownFieldTable } from './field-table.ts';

/** A row of the tables, its columns by name, and its slot (slots.ts). */
export type Field = FieldOf<(typeof fieldTable)[number]> | OwnField;
export type OwnField = FieldOf<(typeof ownFieldTable)[number]>;

type FieldOf<Row> = Row extends readonly [
  infer Name extends string,
  infer Kind extends string,
  ...unknown[],
]
  ? {
      readonly name: Name;
      readonly kind: Kind;
      readonly go: string;
      readonly protobuf: string | undefined;
      readonly csv: string | undefined;
      readonly csvNumber: 'signed' | 'month' | undefined;
      readonly slot: number;
    }
  : never;

export const fields: readonly Field[] = [...fieldTable, ...ownFieldTable].map(
  ([name, kind, go, protobuf, csv, csvNumber], slot) =>
    // A name and its kind are of one row: map() sees each column by itself.
    ({ name, kind, go, protobuf, csv, csvNumber, slot }) as Field,
);

/** Those that the gateway writes, and those that Sluice adds. */
export const gatewayFields = fields.slice(0, fieldTable.length);
export const ownFields = fields.slice(fieldTable.length);

/**
 * The names of an analytics record's fields, as every JSON output writes them (tyk-pump.md, "Fields").
 * Nested ones are dotted. One name per field, everywhere: shapes, filters, documentation.
 */
export type TextField = NameOf<'text'>;
export type IntegerField = NameOf<'int32' | 'int64'>;
export type FloatField = NameOf<'float'>;
export type FlagField = NameOf<'flag'>;
export type TimeField = NameOf<'time'>;
export type ListField = NameOf<'list'>;
type NameOf<Kind> = Extract<Field, { readonly kind: Kind }>['name'];

/**
 * The names `ignore_fields` accepts: top-level JSON names; an object goes as a whole (tyk-pump.md, "What a pump's entry
 * does to a record").
 */
export const topLevelFields: readonly TopLevelField[] = [
  ...new Set(fields.map(({ name }) => headOf(name))),
];
export type TopLevelField = HeadOf<Field['name']>;

/** A dotted name up to its first dot. */
export type HeadOf<Name extends string> = Name extends `${infer Head}.${string}` ? Head : Name;

function headOf<Name extends string>(name: Name): HeadOf<Name> {
  const [head] = name.split('.');
  return head as HeadOf<Name>;
}
