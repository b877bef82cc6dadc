import type { RecordFields } from '../encode/record-fields.ts';
import { type Field, gatewayFields, ownFields } from '../fields.ts';
import { cellReader, type ReadCell } from './read-cell.ts';
import { csvCells } from './rows.ts';

export type ReadRow =
  | { readonly fields: RecordFields; readonly reason?: undefined }
  /** It names a column, and none of its values. */
  | { readonly reason: string; readonly fields?: undefined };

export interface CsvReader {
  /** The record of a row, with what CSV holds of it. */
  readonly read: (row: Buffer) => ReadRow;
  readonly reason?: undefined;
}

interface Column {
  readonly header: string;
  readonly path: readonly string[];
  readonly read: ReadCell;
}

const byName = new Map<string, Field>(
  gatewayFields.flatMap((field) =>
    [field.name, field.csv ?? field.name].map((name) => [name, field] as const),
  ),
);
/** Worked out again on their way out again; `unknown` is the gateway's. */
const ours = new Set<string>(ownFields.map(({ name }) => name));
ours.delete('unknown');

/** Undefined: none of the cells is the name of a column. */
export function csvHeaders(row: Buffer): readonly string[] | undefined {
  const cells = csvCells(row, mostHeaders).map((cell) => cell.toString());
  return cells.some((cell) => byName.has(cell)) ? cells : undefined;
}

const mostHeaders = 1_000;

/** What reads rows below these headers: by their names, in whatever order. Columns that are not there are empty. */
export function csvReader(headers: readonly string[]): CsvReader | { readonly reason: string } {
  const unknown = headers.filter((header) => !byName.has(header) && !ours.has(header));
  if (unknown.length > 0) return { reason: `no column of a record: ${listed(unknown)}` };
  const fields = headers.map((header) => byName.get(header));
  const twice = headers.filter(
    (_, at) => fields[at] !== undefined && fields.indexOf(fields[at]) < at,
  );
  if (twice.length > 0) return { reason: `more than once: ${listed(twice)}` };
  if (!fields.some((field) => field?.name === 'timestamp'))
    return { reason: 'has no column "TimeStamp": its rows are no records' };
  const columns = headers.map((header, at) => columnOf(header, fields[at]));
  return { read: (row) => readRow(columns, csvCells(row, columns.length + 1)) };
}

function listed(headers: readonly string[]): string {
  const some = headers.slice(0, 10).map((header) => JSON.stringify(header.slice(0, 64)));
  return some.join(', ') + (headers.length > some.length ? ', …' : '');
}

const columnOf = (header: string, field: Field | undefined): Column | undefined =>
  field && { header, path: field.name.split('.'), read: cellReader(field) };

function readRow(columns: readonly (Column | undefined)[], cells: readonly Buffer[]): ReadRow {
  if (cells.length !== columns.length) {
    const found = cells.length > columns.length ? 'more' : String(cells.length);
    return { reason: `has ${found} cells, expected ${columns.length}` };
  }
  const fields: Record<string, unknown> = {};
  for (const [at, column] of columns.entries()) {
    if (column === undefined) continue;
    const { value, expected } = column.read(cells[at] as Buffer);
    if (expected !== undefined) return { reason: `"${column.header}": expected ${expected}` };
    put(fields, column.path, value);
  }
  return { fields };
}

function put(fields: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let within = fields;
  for (const key of path.slice(0, -1)) {
    within[key] ??= {};
    within = within[key] as Record<string, unknown>;
  }
  within[path.at(-1) ?? ''] = value;
}
