/** What is measured: one sink, one kind of record, one number of waiting records. */
export interface Cell {
  readonly sink: SinkName;
  readonly size: Size;
  readonly encoding: Encoding;
  readonly backlog: number;
  /** What the route does with each record before it delivers it; left out: nothing. */
  readonly treatment?: Treatment;
  /** Milliseconds of a round trip between pump and Redis, through a proxy; left out: they are neighbours. */
  readonly rtt?: number;
}

/** `sql` is rows in PostgreSQL, `sql_aggregate` counters in it, `mongo` documents, `four` is csv, elasticsearch, prometheus and statsd at once. */
export const sinkNames = [
  'csv',
  'stdout',
  'elasticsearch',
  'kafka',
  'sql',
  'sql_aggregate',
  'mongo',
  'four',
  'prometheus',
  'dummy',
] as const;
export type SinkName = (typeof sinkNames)[number];

/** About 1,150 bytes without bodies, about 10,000 with them. */
export const sizes = ['1KB', '10KB'] as const;
export type Size = (typeof sizes)[number];

export const recordEncodings = ['msgpack', 'protobuf'] as const;
export type RecordEncoding = (typeof recordEncodings)[number];

/** `both`: half of the records in each, over all 22 lists of the gateway; the others fill one list. */
export const encodings = [...recordEncodings, 'both'] as const;
export type Encoding = (typeof encodings)[number];

/**
 * `filter` asks about every record and takes it; `edits` empties four fields, as those do who may not keep them; `omit` leaves
 * requests and responses out. `query` asks every record by an expression and takes it; `redact` takes secrets out.
 */
export const treatments = ['none', 'filter', 'edits', 'omit', 'query', 'redact'] as const;
export type Treatment = Exclude<(typeof treatments)[number], 'none'>;

/** `elasticsearch 1KB msgpack 100k`, `csv 1KB both 200k, filter, 20 ms away` */
export function cellName({ sink, size, encoding, backlog, treatment, rtt }: Cell): string {
  const also = [
    ...(treatment === undefined ? [] : [treatment]),
    ...(rtt === undefined ? [] : [`${rtt} ms away`]),
  ];
  return [`${sink} ${size} ${encoding} ${shortCount(backlog)}`, ...also].join(', ');
}

/** 10000 → `10k`, 1500000 → `1.5M`. */
export function shortCount(count: number): string {
  if (count >= 1_000_000) return `${count / 1_000_000}M`;
  return count >= 1_000 ? `${count / 1_000}k` : String(count);
}

/** `10k`, `1M` and `250000` as numbers; undefined for anything else. */
export function readCount(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([kKmM]?)$/.exec(text) ?? [];
  const count = Number(digits) * (units.get(unit.toLowerCase()) ?? 1);
  return digits !== '' && Number.isInteger(count) && count > 0 ? count : undefined;
}

const units = new Map([
  ['k', 1_000],
  ['m', 1_000_000],
]);
