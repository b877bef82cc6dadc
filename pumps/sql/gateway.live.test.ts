/** Records of a real gateway give the tables of the real pump, row by row (test/fixtures/gateway.ts). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch, type Entry, type Pump } from '#pump';
import { aBatch, aPreparedPump, deliverOnce, outcomesOf } from '#pump/testing';
import { decoders } from '../../src/record/decoders.ts';
import {
  gatewayElements,
  gatewayTable,
  shortened,
  type TextTable,
} from '../../test/fixtures/gateway.ts';
import { needPostgres, type PostgresServer, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import aggregates from '../sql_aggregate/index.ts';
import sql from './index.ts';

const unavailable = await whyUnavailable(needPostgres);

describe.skipIf(unavailable !== undefined)('records of a real gateway', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  describe.each(decoders)('in $name', (decoder) => {
    const chunk = decoder.decode(gatewayElements(decoder.name));
    const entries = aBatch(chunk.size).entries.map((entry, index): Entry => {
      const record = chunk.record(index);
      if (record === undefined) throw new Error(`element ${index} is no record`);
      return { ...entry, record };
    });

    /** Delivers all, in batches of a hundred, and gives the table as text. */
    async function stored(
      pump: Pump,
      table: string,
      { columns }: TextTable,
      meta: object = {},
    ): Promise<readonly Row[]> {
      const { name, dsn } = await server.createDatabase();
      const prepared = aPreparedPump(pump, {
        ...{ type: 'postgres', connection_string: dsn },
        ...meta,
      });
      for (let at = 0; at < entries.length; at += 100) {
        const batch = Batch.of(entries.slice(at, at + 100));
        const verdicts = await deliverOnce(prepared, batch);
        expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
      }
      const texts = columns.map((column, at) => `"${column}"::text AS c${at}`).join(', ');
      const found = await server.query(`SELECT ${texts} FROM ${table}`, name);
      return found.map((row) => columns.map((_, at) => String(row[`c${at}`])));
    }

    it('are the rows of the real pump, and those that it loses', async () => {
      const real = gatewayTable(decoder.name, 'rows');
      const lost = decoder.name === 'msgpack' ? gatewayTable('msgpack', 'refused').rows : [];

      const found = await stored(sql, 'tyk_analytics', real);

      const time = real.columns.indexOf('timestamp');
      expect(sorted(found, time).map((row) => row.map(shortened))).toEqual(
        sorted([...real.rows, ...lost], time),
      );
    });

    it('are counted as by the real pump, but for the time of the last one', async () => {
      const real = gatewayTable(decoder.name, 'aggregates');
      const last = real.columns.indexOf('counter_last_time');
      const counters = (rows: readonly Row[]): readonly Row[] =>
        sorted(rows, 0).map((row) => row.map(rounded).toSpliced(last, 1));

      const found = await stored(aggregates, 'tyk_aggregated', real, { track_all_paths: true });

      expect(counters(found)).toEqual(counters(real.rows));
      // That of Tyk Pump is the record that it read last.
      const ofApis = found.filter((row) => row[real.columns.indexOf('dimension')] === 'apiid');
      expect(
        latestOf({ columns: real.columns, rows: ofApis }, [
          'org_id',
          'dimension_value',
          'counter_last_time',
        ]),
      ).toEqual(latestOf(gatewayTable(decoder.name, 'rows'), ['orgid', 'apiid', 'timestamp']));
    });
  });
});

type Row = readonly string[];

const sorted = (rows: readonly Row[], by: number): readonly Row[] =>
  rows.toSorted((a, b) => ((a[by] ?? '') < (b[by] ?? '') ? -1 : 1));

/** Tyk Pump's means have been floats. */
const rounded = (text: string): string =>
  /^\d+\.\d+$/.test(text) ? String(Number(Number(text).toFixed(10))) : text;

/** Organisation, API and the latest time of each pair; calls without an organisation are not counted. */
function latestOf({ columns, rows }: TextTable, names: readonly string[]): readonly Row[] {
  const picked = rows.map((row) => names.map((name) => row[columns.indexOf(name)] ?? ''));
  const latest = new Map(sorted(picked, 2).map((row) => [`${row[0]} ${row[1]}`, row]));
  return [...latest.values()].filter(([organisation]) => organisation !== '').sort();
}
