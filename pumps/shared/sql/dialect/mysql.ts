import { goTimeText, type RecordTime } from '#pump';
import { isTime, type SqlValue } from '../value.ts';
import type { Dialect } from './dialect.ts';
import { hexOf, withoutNul } from './texts.ts';

export interface MysqlManner {
  /** IANA name of the zone in which times are written. */
  readonly zone: string;
  /** Characters of a text's column; 0: a longtext. */
  readonly stringSize: number;
  /** Times in whole seconds. */
  readonly isWithoutFractions: boolean;
}

/** Characters of a text of four bytes each that fit into the smallest index there is. */
const indexedLength = 191;
/** Go's time that is none, which no strict server takes. */
const zeroSeconds = -62_135_596_800;

export function mysqlDialect({ zone, stringSize, isWithoutFractions }: MysqlManner): Dialect {
  const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
  const types = {
    text: stringSize > 0 ? `varchar(${stringSize})` : 'longtext',
    key: `varchar(${indexedLength}) COLLATE utf8mb4_bin`,
    integer: 'bigint',
    unsigned: 'bigint unsigned',
    float: 'double',
    flag: 'boolean',
    time: isWithoutFractions ? 'datetime NULL' : 'datetime(3) NULL',
  } as const;
  const isLong = stringSize === 0 || stringSize > indexedLength;
  return {
    name: 'mysql',
    quote,
    literal: (value) => literal(value, zone),
    bytes: (value) => `x'${hexOf(value)}'`,
    typeOf: (kind) => types[kind],
    indexed: ({ name, kind }) =>
      kind === 'text' && isLong ? `${quote(name)}(${indexedLength})` : quote(name),
    greatest: (left, right) => `GREATEST(${left}, ${right})`,
    least: (left, right) => `LEAST(${left}, ${right})`,
    onConflict: () => 'ON DUPLICATE KEY UPDATE',
    fresh: (column) => `VALUES(${quote(column)})`,
    begin: 'START TRANSACTION',
    probe: 'SELECT @@global.read_only = 0',
    ago: (milliseconds) => `now(3) - INTERVAL ${Math.round(milliseconds / 1_000)} SECOND`,
  };
}

function literal(value: SqlValue, zone: string): string {
  if (value === null) return 'NULL';
  if (isTime(value)) return timeText(value, zone);
  switch (typeof value) {
    case 'string':
      // A quote is doubled, which is right in every mode of the server.
      return `'${withoutNul(value).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    case 'number':
      return Number.isFinite(value) ? String(value) : 'NULL';
    default:
      return String(value);
  }
}

function timeText({ seconds, nanos }: RecordTime, zone: string): string {
  if (seconds === zeroSeconds && nanos === 0) return 'NULL';
  const [date = '', clock = ''] = goTimeText({
    seconds,
    nanos: nanos - (nanos % 1_000),
    zone,
  }).split(' ');
  return `'${date} ${clock}'`;
}
