/** What is measured: one sink, one kind of record, one number of waiting records. */
export interface Cell {
  readonly sink: SinkName;
  readonly size: Size;
  readonly encoding: Encoding;
  readonly backlog: number;
}

/** `four` is csv, elasticsearch, prometheus and statsd at once. */
export const sinkNames = [
  'csv',
  'stdout',
  'elasticsearch',
  'kafka',
  'four',
  'prometheus',
  'dummy',
] as const;
export type SinkName = (typeof sinkNames)[number];

/** About 1,150 bytes without bodies, about 10,000 with them. */
export const sizes = ['1KB', '10KB'] as const;
export type Size = (typeof sizes)[number];

export const encodings = ['msgpack', 'protobuf'] as const;
export type Encoding = (typeof encodings)[number];

/** `elasticsearch 1KB msgpack 100k` */
export const cellName = ({ sink, size, encoding, backlog }: Cell): string =>
  `${sink} ${size} ${encoding} ${shortCount(backlog)}`;

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
