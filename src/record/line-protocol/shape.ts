import type { IntegerField, TextField, TimeField } from '../fields.ts';
import { compareUtf8 } from '../utf8.ts';

/** What stands behind a tag's or a field's name. */
export type PointValue =
  | { readonly form: 'text'; readonly field: TextField }
  | { readonly form: 'integer'; readonly field: IntegerField }
  | { readonly form: 'time'; readonly field: TimeField }
  /** A name nobody knows: as a tag `null`; no field, or one without a value (tyk-pump.md, "influx and influx2"). */
  | { readonly form: 'unknown' };

/**
 * `strict`: what InfluxDB can read. `tyk`: byte for byte what Tyk Pump sends, which it sometimes cannot: a field of an
 * unknown name has no value, and a tag may end in a backslash, which escapes the separator behind it.
 */
export type LineDialect = 'strict' | 'tyk';

/** A point of the line protocol as data. A key that is named twice stands there once. */
export interface PointShape {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, PointValue>>;
  readonly fields: Readonly<Record<string, PointValue>>;
}

/** A tag or a field. */
export interface PointColumn {
  /** The escaped name and `=`. */
  readonly label: string;
  readonly value: PointValue;
}

/** A point made ready: names escaped, keys in the order of their bytes. */
export interface Point {
  readonly head: string;
  readonly tags: readonly PointColumn[];
  readonly fields: readonly PointColumn[];
  readonly dialect: LineDialect;
}

export function preparePoint(
  { measurement, tags, fields }: PointShape,
  dialect: LineDialect,
): Point {
  const isWritten = ({ value }: PointColumn): boolean =>
    dialect === 'tyk' || value.form !== 'unknown';
  return {
    head: escapedName(measurement),
    tags: columnsOf(tags),
    fields: columnsOf(fields).filter(isWritten),
    dialect,
  };
}

const columnsOf = (values: Readonly<Record<string, PointValue>>): readonly PointColumn[] =>
  Object.entries(values)
    .sort(([left], [right]) => compareUtf8(left, right))
    .map(([name, value]) => ({ label: `${escapedName(name)}=`, value }));

const escapedName = (name: string): string =>
  name.replace(/[, =]/g, (character) => `\\${character}`).replaceAll('\n', '\\n');
