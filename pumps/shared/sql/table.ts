import { createHash } from 'node:crypto';

/** A table as data: what there must be, in the order of its rows. */
export interface Table {
  /** As it is in the database: `tyk_analytics`, `tyk_analytics_20240310`; with its schema, `reports.tyk_analytics`. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** Columns of the primary key. Left out: there is none. */
  readonly key?: readonly string[];
  readonly indexes: readonly Index[];
}

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** `key`: a text of a primary key, for which MySQL wants a bound: 191 characters. */
export type ColumnKind = 'text' | 'key' | 'integer' | 'unsigned' | 'float' | 'flag' | 'time';

/** Its name is that of no other index of the schema. */
export interface Index {
  readonly name: string;
  readonly columns: readonly string[];
}

/** An index as Tyk Pump names it: `tyk_analytics_idx_apiid`. Too long a name ends in its hash. */
export function indexOf(table: string, label: string, columns: readonly string[]): Index {
  const name = `${table.slice(table.lastIndexOf('.') + 1)}_idx_${label}`;
  if (name.length <= longestName) return { name, columns };
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return { name: `${name.slice(0, longestName - hash.length - 1)}_${hash}`, columns };
}

/** PostgreSQL cuts off what is longer, and then two may be one. */
const longestName = 63;
