import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch, createFold, type Entry, type Pump } from '#pump';
import { aBatch, aContext, aPreparedPump, type RecordOverrides } from '#pump/testing';
import { needMariadb, startMariadb } from '../../../../test/services/mariadb.ts';
import { needPostgres, startPostgres } from '../../../../test/services/postgres.ts';
import { whyUnavailable } from '../../../../test/services/process.ts';
import rest from '../../../sql_aggregate/index.ts';
import graph from '../../../sql-graph-aggregate/index.ts';
import type { SqlRow } from '../value.ts';
import { rowsOf } from './aggregate-rows.ts';
import { tableOf } from './aggregate-table.ts';

/** 2024-03-10 22:00:00 UTC. */
const hour = 1_710_108_000;
const codes = [200, 200, 201, 304, 404, 500, -1];
const signal = (): AbortSignal => AbortSignal.timeout(50_000);

/** Of two organisations and two hours, with times that end in whole milliseconds. */
const varied = (index: number): RecordOverrides => ({
  ...{ org_id: `org-${index % 2}`, api_id: `api-${index % 3}`, api_key: `key-${index % 7}` },
  ...{
    path: `/things/${index % 5}`,
    track_path: index % 2 === 0,
    tags: [`tag-${index % 4}\t\\n\0${index % 9}`],
  },
  response_code: codes[index % codes.length] ?? 200,
  ...{ request_time: index % 97, latency: { total: (index * 7) % 89, upstream: index % 83 } },
  network: { open_connections: 1, closed_connections: 2, bytes_in: index, bytes_out: 3 },
  timestamp: { seconds: hour + ((index * 37) % 7_000), nanos: (index % 1_000) * 1_000_000 },
});

const services = {
  postgres: { need: needPostgres, start: startPostgres },
  mysql: { need: needMariadb, start: startMariadb },
} as const;
const restTable = tableOf({ isByApi: false, hasIndex: true }, 'tyk_aggregated');

describe.each(['postgres', 'mysql'] as const)('aggregates in %s', async (type) => {
  const unavailable = await whyUnavailable(services[type].need);
  let server: Awaited<ReturnType<typeof startPostgres | typeof startMariadb>>;

  beforeAll(async () => {
    if (unavailable === undefined) server = await services[type].start();
  });
  afterAll(async () => {
    if (unavailable === undefined) await server.stop();
  });

  const prepared = (pump: Pump, dsn: string, meta: object = {}) =>
    aPreparedPump(pump, { type, connection_string: dsn, ...meta });

  /** Delivers until the server has taken it, as the courier does. */
  async function deliver(
    sink: Awaited<ReturnType<ReturnType<typeof prepared>['open']>>,
    entries: readonly Entry[],
  ): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const delivery = await sink.deliver(Batch.of(entries), signal());
      const verdict = delivery.at(0);
      if (verdict.outcome === 'delivered') return;
      if (verdict.outcome === 'reject' || attempt === 50) throw new Error(verdict.failure.message);
    }
  }

  /** What the table must hold: everything folded at once. */
  const expected = (entries: readonly Entry[]): readonly SqlRow[] =>
    rowsOf(
      createFold({
        ...{ variant: 'rest', tracksAllPaths: false, ignoredTagPrefixes: [], bucketMinutes: 60 },
      })(entries),
      { isByApi: false, dialect: type },
    );

  it.skipIf(unavailable !== undefined)(
    'are those of all records at once, however they came, and how often',
    async () => {
      const { name, dsn } = await server.createDatabase();
      const pump = prepared(rest, dsn);
      const { entries } = aBatch(600, varied);
      const sinks = await Promise.all([1, 2].map(() => pump.open(aContext(), signal())));
      // Two instances, portions that overlap, in opposite orders.
      const portions = Array.from({ length: 11 }, (_, at) => entries.slice(at * 50, at * 50 + 100));
      await Promise.all(
        sinks.map(async (sink, at) => {
          for (const portion of at === 0 ? portions : portions.toReversed())
            await deliver(sink, portion);
        }),
      );
      for (const sink of sinks) await sink.close(signal());

      const columns = restTable.columns.map((column) => column.name);
      const stored = await server.query('SELECT * FROM tyk_aggregated ORDER BY id', name);
      const rows = stored.map((row) => columns.map((column) => row[column]));
      expect(rows.map(plain)).toEqual(expected(entries).map(plain));
    },
  );

  it.skipIf(unavailable !== undefined)(
    'survive the server, killed between and within transactions',
    async () => {
      const { name, dsn } = await server.createDatabase();
      const sink = await prepared(rest, dsn).open(aContext(), signal());
      const { entries } = aBatch(400, varied);
      await deliver(sink, entries.slice(0, 100));
      const under = sink.deliver(Batch.of(entries.slice(100, 300)), signal());
      await server.kill9();
      await under;
      await server.start();
      await deliver(sink, entries.slice(50, 400));
      await sink.close(signal());

      const [sum] = await server.query(
        `SELECT SUM(counter_hits) AS hits FROM tyk_aggregated WHERE dimension = ''`,
        name,
      );
      expect(Number(sum?.['hits'])).toBe(
        entries.filter(({ record }) => record.integer('response_code') !== -1).length,
      );
    },
  );

  it.skipIf(unavailable !== undefined)(
    'have a table for each day, and what is too long for an index ends in a hash',
    async () => {
      const { name, dsn } = await server.createDatabase();
      const sink = await prepared(rest, dsn, { table_sharding: true, track_all_paths: true }).open(
        aContext(),
        signal(),
      );
      const long = `/${'é/x'.repeat(2_500)}`;
      const { entries } = aBatch(4, (index) => ({
        path: index < 2 ? long : `${long}?`,
        timestamp: { seconds: hour + (index % 2) * 86_400 },
      }));
      await deliver(sink, entries);
      await sink.close(signal());

      for (const day of ['20240310', '20240311']) {
        const rows = await server.query(
          `SELECT counter_hits AS hits, counter_identifier AS path FROM tyk_aggregated_${day} WHERE dimension = 'endpoints'`,
          name,
        );
        expect(rows.map(({ hits, path }) => [Number(hits), path]).sort()).toEqual([
          [1, long],
          [1, `${long}?`],
        ]);
      }
    },
  );

  it.skipIf(unavailable !== undefined)(
    'are of an API for GraphQL, less what is left out',
    async () => {
      const { name, dsn } = await server.createDatabase();
      const meta = { ignore_aggregations: ['APIKeys', 'versions'], omit_index_creation: true };
      const sink = await prepared(graph, dsn, meta).open(aContext(), signal());
      await deliver(
        sink,
        aBatch(3, (index) => ({
          api_id: `api-${index % 2}`,
          graphql_stats: { IsGraphQL: index < 2, OperationType: 1, RootFields: ['pets'] },
        })).entries,
      );
      await sink.close(signal());

      const rows = await server.query(
        'SELECT api_id, dimension, dimension_value, counter_hits FROM tyk_graph_aggregated ORDER BY 1, 2, 3',
        name,
      );
      expect(rows.map((row) => Object.values(row).join(' '))).toEqual(
        ['api-0', 'api-1'].flatMap((api) => [
          `${api}  total 1`,
          `${api} apiid ${api} 1`,
          `${api} operation Query 1`,
          `${api} rootfields pets 1`,
        ]),
      );
    },
  );
});

/** Numbers as numbers, fractions to ten digits, times in milliseconds. */
const plain = (row: readonly unknown[]): readonly unknown[] => row.map(plainValue);

function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'object' && value !== null && 'nanos' in value && 'seconds' in value)
    return Number(value.seconds) * 1_000 + Number(value.nanos) / 1e6;
  const text = String(value).replaceAll('\0', '\ufffd');
  if (/^\d{4}-\d\d-\d\d \d\d:/.test(text)) return Date.parse(`${text.replace(' ', 'T')}Z`);
  return /^-?\d+(?:\.\d+)?$/.test(text) && text.length < 25
    ? Number(Number(text).toPrecision(10))
    : text;
}
