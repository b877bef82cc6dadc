import { createHash } from 'node:crypto';
import type { RecordTime } from '#pump';
import type { Dialect, UpsertRule } from '../shared/sql/dialect/dialect.ts';
import type { SqlRow } from '../shared/sql/value.ts';
import type { Row } from './count.ts';
import { codeColumns } from './table.ts';

/** Go's zero time: what the total has, which no record is the last one of. */
const never: RecordTime = { seconds: -62_135_596_800, nanos: 0, zone: 'UTC' };

/** The rows as they are stored, in the order of their keys. */
export function storedRows(rows: readonly Row[], dialect: Dialect): readonly SqlRow[] {
  const keyed = rows.map((row) => ({ row, id: idOf(row, dialect) }));
  keyed.sort((one, other) => (one.id < other.id ? -1 : 1));
  return keyed.map(({ row, id }) => stored(row, id));
}

/** An id may be so long that an index of the database takes it. */
const longestId = (dialect: Dialect): number => (dialect.name === 'mysql' ? 191 : 2_000);

/** In hexadecimal digits what makes the row this one. Of one that would be too long the end is a hash. */
function idOf({ start, orgId, dimension, value }: Row, dialect: Dialect): string {
  const id = Buffer.from(`${start}${orgId}${dimension}${value}`).toString('hex');
  const most = longestId(dialect);
  if (id.length <= most) return id;
  const hash = createHash('sha256').update(id).digest('hex');
  return `${id.slice(0, most - hash.length)}${hash}`;
}

function stored(row: Row, id: string): SqlRow {
  const { hits, success, error, requestTime, dimension, value, lastTime = never } = row;
  const mean = hits === 0 ? 0 : requestTime / hits;
  const identifier = dimension === '' ? '' : value;
  return [
    ...[id, hits, success, error, mean, requestTime, identifier, '', lastTime],
    // Connections, bytes, latencies: an uptime record has none.
    ...[0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0],
    ...['{}', '[]'],
    ...[row.start, row.orgId, dimension, value],
    ...codesOf(row),
  ];
}

/** By column. A code has its own, or that of its first digit, or none. */
function codesOf({ codes }: Row): readonly number[] {
  const counts = new Map<string, number>(codeColumns.map((column) => [column, 0]));
  for (const [code, count] of codes) {
    const own = String(code);
    const column = counts.has(own) ? own : `${own.slice(0, 1)}x`;
    const before = counts.get(column);
    if (before !== undefined && code < 600) counts.set(column, before + count);
  }
  return [...counts.values()];
}

const sums = [
  ...['counter_hits', 'counter_success', 'counter_error', 'counter_total_request_time'],
  ...codeColumns.map((code) => `code_${code}`),
];

/** How a row that is there takes in a new one. The mean comes first: it reads what the sums change. */
export const uptimeRule: UpsertRule = {
  updates: [
    {
      column: 'counter_request_time',
      set(stored, fresh) {
        const both = (column: string): string => `${stored(column)} + ${fresh(column)}`;
        const hits = both('counter_hits');
        const total = both('counter_total_request_time');
        return `CASE WHEN ${hits} = 0 THEN 0 ELSE (${total}) / (${hits}) END`;
      },
    },
    {
      column: 'counter_last_time',
      set(stored, fresh, dialect) {
        const [old, recent] = [stored('counter_last_time'), fresh('counter_last_time')];
        // Where one of them is NULL some databases say that neither is greater.
        return `COALESCE(${dialect.greatest(old, recent)}, ${old}, ${recent})`;
      },
    },
    ...sums.map((column) => ({
      column,
      set: (stored: (name: string) => string, fresh: (name: string) => string): string =>
        `${stored(column)} + ${fresh(column)}`,
    })),
  ],
};
