import type { Cell } from '../libsql.ts';
import type { StoredCall } from '../query/port.ts';
import type { Value } from '../query/sql.ts';
import { decodeStored } from '../store/codec.ts';
import type { Asked } from './asked.ts';
import type { Place } from './place.ts';
import type { VolumeReader } from './volume-reader.ts';

/** How many bytes of records may still be looked through. */
export interface Budget {
  left: number;
}

/** A row that is of the query, or may be: then it has to be looked at. */
interface Found {
  readonly row: number;
  readonly time: number;
  readonly size: number;
  readonly isSure: boolean;
  readonly cells: readonly Cell[];
}

/** Where a row is in one volume. */
export type RowPlace = Pick<Found, 'time' | 'row'>;

export interface ScanQuestion {
  readonly asked: Asked;
  readonly order: 'newest' | 'arrival';
  /** What comes behind it, in that order; undefined: from the beginning. */
  readonly beyond: RowPlace | undefined;
  /** A further condition. */
  readonly also?: { readonly text: string; readonly values: readonly Value[] };
  readonly columns: string;
  readonly limit: number;
}

export interface Scanned {
  /** The cells of `columns`, of each row that is of the query. */
  readonly rows: readonly (readonly Cell[])[];
  /** The last that was looked at, where there may be more. */
  readonly last: RowPlace | undefined;
  /** The budget is used up. */
  readonly isStopped: boolean;
}

/** Rows of one statement: few at first, for the first page is to be quick. */
const [fewRows, manyRows] = [128, 1024];

const orders = {
  newest: {
    by: 'time DESC, row DESC',
    beyond: 'time <= ? AND (time < ? OR row < ?)',
    values: ({ time, row }: RowPlace) => [time, time, row],
    start: { time: 9e15, row: -1 },
  },
  arrival: {
    by: 'row',
    beyond: 'row > ?',
    values: ({ row }: RowPlace) => [row],
    start: { time: 0, row: -1 },
  },
} as const;

const nothing = { text: '1', values: [] };

/** At most `limit` rows of a volume. */
export async function scan(
  volume: VolumeReader,
  { asked, order, beyond, also = nothing, columns, limit }: ScanQuestion,
  budget: Budget,
): Promise<Scanned> {
  const { range, may, sure } = asked;
  const way = orders[order];
  const sql = `SELECT row, time, size, ${sure.text}, ${columns} FROM record WHERE time >= ? AND time < ? AND ${also.text} AND ${may.text} AND ${way.beyond} ORDER BY ${way.by} LIMIT ?`;
  const values = [
    ...(await volume.resolve(sure.values)),
    ...[range.from, range.before],
    ...(await volume.resolve(also.values)),
    ...(await volume.resolve(may.values)),
  ];
  const rows: (readonly Cell[])[] = [];
  let last: RowPlace = beyond ?? way.start;
  for (let size = Math.min(Math.max(fewRows, limit), manyRows); ; size = manyRows) {
    const found = (await volume.all(sql, [...values, ...way.values(last), BigInt(size)])).map(
      foundIn,
    );
    const selected = await selectedOf(volume, found, asked, budget);
    for (const each of found) {
      last = each;
      if (!each.isSure && selected.get(each.row) !== true) continue;
      rows.push(each.cells);
      if (rows.length === limit) return { rows, last, isStopped: false };
    }
    if (found.length < size) return { rows, last: undefined, isStopped: false };
    if (budget.left < 0) return { rows, last, isStopped: true };
  }
}

const foundIn = ([row, time, size, sure, ...cells]: readonly Cell[]): Found => ({
  row: Number(row),
  time: Number(time),
  size: Number(size),
  isSure: Number(sure) === 1,
  cells,
});

/** Of rows that have to be looked at, whether they are of the query. */
async function selectedOf(
  volume: VolumeReader,
  found: readonly Found[],
  { selects }: Asked,
  budget: Budget,
): Promise<ReadonlyMap<number, boolean>> {
  const unsure = found.filter(({ isSure }) => !isSure);
  if (unsure.length === 0) return new Map();
  const stored = await volume.all(
    'SELECT row, record FROM stored WHERE row IN (SELECT value FROM json_each(?))',
    [JSON.stringify(unsure.map(({ row }) => row))],
  );
  budget.left -= unsure.reduce((sum, { size }) => sum + size, 0);
  return new Map(
    stored.map(([row, record]) => [Number(row), selects(decodeStored(record as Uint8Array))]),
  );
}

/** As `callOf` reads them. */
export const callColumns =
  "row, time, (SELECT name FROM segment WHERE id = record.segment) || ':' || place, method, host, CASE WHEN raw_path = '' THEN path ELSE raw_path END, api_id, api_name, response_code, latency_total";

export function callOf(cells: readonly Cell[], volume: number): { place: Place; call: StoredCall } {
  const [row, time, id, method, host, path, apiId, apiName, status, latency] = cells;
  return {
    place: { time: Number(time), volume, row: Number(row) },
    call: {
      id: String(id),
      time: Number(time),
      ...{ method: String(method), host: String(host), path: String(path) },
      ...{ apiId: String(apiId), apiName: String(apiName) },
      ...{ status: Number(status), latency: Number(latency) },
    },
  };
}
