import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import {
  aBatch,
  aContext,
  answerOnce,
  aPreparedPump,
  deliverOnce,
  failureOf,
  outcomesOf,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import {
  type ClickHouseServer,
  clickhouseUsers,
  needClickhouse,
  startClickhouse,
} from '../../test/services/clickhouse.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import { columnsFor, documentShape } from './columns.ts';
import clickhouse from './index.ts';

const columns = columnsFor(documentShape);

/** The server that Debian has is of 2018: what differs since then, a server of our own plays (server.testing.ts). */
const obstacle = await whyUnavailable(needClickhouse);

describe.skipIf(obstacle !== undefined)('a real server', () => {
  let server: ClickHouseServer;
  let tables = 0;

  beforeAll(async () => {
    server = await startClickhouse();
  });
  afterAll(() => server.stop());

  const aMeta = (more: object = {}) => ({
    ...{ url: server.url, table: `a\`b '${(tables += 1)}`, create_table: true },
    ...clickhouseUsers.writer,
    ...more,
  });
  const deliver = (meta: object, batch: Batch) =>
    deliverOnce(aPreparedPump(clickhouse, meta), batch);
  const nameOf = ({ table }: { readonly table: string }) => `\`${table.replace(/`/g, '\\`')}\``;
  const rowsOf = async (meta: { readonly table: string }, what = '*', more = '') =>
    (await server.query(`SELECT ${what} FROM ${nameOf(meta)} ${more} FORMAT JSONEachRow`))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

  sinkContract(vitest, 'clickhouse', (): Promise<SinkHarness> => {
    const meta = aMeta();
    return Promise.resolve({
      pump: aPreparedPump(clickhouse, meta),
      secrets: [clickhouseUsers.writer.password],
      received: async () => (await rowsOf(meta, 'path')).map((row) => String(row['path'])),
      break: () => server.kill9(),
      restore: () => server.start(),
      stop: () => Promise.resolve(),
    });
  });

  it('has every field of a record, as it was', async () => {
    const meta = aMeta();

    await deliver(
      meta,
      aBatch(
        1,
        {
          ...{ path: '/"x"\n\\', user_agent: 'ü <&>', tags: ['a', 'b"'], track_path: true },
          ...{ content_length: 2 ** 53 + 2, timestamp: { seconds: 1_710_109_320, nanos: 5 } },
          ...{ expireAt: { seconds: -62_135_596_800 }, latency: { total: 12, upstream: 10 } },
          geo: { city: { names: { en: 'Köln' } }, location: { latitude: 1.5 } },
        },
        'seg',
      ),
    );

    const [row] = await rowsOf(meta);
    // The first second of 1970 is written so by this server.
    expect(Object.keys(row ?? {})).toEqual(columns.map(({ name }) => name));
    expect(row).toMatchObject({
      ...{ record_id: 'seg:0', path: '/"x"\n\\', user_agent: 'ü <&>', tags: ['a', 'b"'] },
      ...{ track_path: 1, content_length: '9007199254740994', latency_total: '12' },
      ...{ timestamp: '2024-03-10 22:22:00', expireAt: '0000-00-00 00:00:00' },
      ...{ geo_city_names: '{"en":"Köln"}', geo_location_latitude: 1.5, graphql_stats_Errors: '' },
    });
  });

  it('has no row twice once the table is merged, or read with FINAL', async () => {
    const meta = aMeta();
    const batch = aBatch(50, (index) => ({ path: `/${index}` }));

    await deliver(meta, batch);
    await deliver(meta, batch);

    expect(await rowsOf(meta)).toHaveLength(100);
    expect(await rowsOf(meta, '*', 'FINAL')).toHaveLength(50);
    await server.query(`OPTIMIZE TABLE ${nameOf(meta)} FINAL`);
    expect(await rowsOf(meta)).toHaveLength(50);
  });

  it('has what an own table has columns for, in their types, compressed on the way', async () => {
    const meta = aMeta({ create_table: false, gzip: true });
    await server.query(
      `CREATE TABLE ${nameOf(meta)} (path String, timestamp DateTime, response_code UInt16) ENGINE = MergeTree() ORDER BY path`,
    );

    const verdicts = await deliver(meta, aBatch(3));

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered', 'delivered']);
    const [row] = await rowsOf(meta, 'toUnixTimestamp(timestamp) t, response_code');
    expect(row).toEqual({ t: 1_710_109_320, response_code: 200 });
  });

  it('gets the columns that it lacks', async () => {
    const meta = aMeta();
    await server.query(
      `CREATE TABLE ${nameOf(meta)} (path String, mine UInt8) ENGINE = MergeTree() ORDER BY path`,
    );

    await deliver(meta, aBatch(1));

    expect(await rowsOf(meta, 'record_id, method, mine')).toMatchObject([
      { method: 'GET', mine: 0 },
    ]);
  });

  it('is halved where a row does not fit the table, and stores none of the batch', async () => {
    const meta = aMeta({ create_table: false });
    await server.query(
      `CREATE TABLE ${nameOf(meta)} (path String, api_id FixedString(8)) ENGINE = MergeTree() ORDER BY path`,
    );
    const batch = aBatch(3, (index) => ({ api_id: index === 1 ? 'much too long' : 'short' }));
    const pump = aPreparedPump(clickhouse, meta);

    const { ofRequest } = await answerOnce(pump, batch);

    expect(ofRequest).toMatchObject({ outcome: 'reject', failure: { kind: 'invalid' } });
    expect(failureOf(ofRequest).message).not.toContain('much too');
    expect(await rowsOf(meta)).toEqual([]);
  });

  it('waits for the operator where there is no table, no right or no user', async () => {
    const noTable = await deliver(aMeta({ create_table: false }), aBatch(1));
    const noRight = await deliver(aMeta(clickhouseUsers.reader), aBatch(1));
    const noUser = await deliver(aMeta({ password: 'wrong' }), aBatch(1));

    expect(failureOf(noTable[0])).toMatchObject({ kind: 'unexpected' });
    expect(failureOf(noTable[0]).message).toContain('There is no table');
    expect(failureOf(noRight[0])).toMatchObject({ kind: 'unauthorised' });
    expect(failureOf(noUser[0])).toMatchObject({ kind: 'unauthorised' });
    expect(outcomesOf([...noTable, ...noRight, ...noUser])).toEqual(['retry', 'retry', 'retry']);
  });

  it('is asked for its columns again where it is not as it was', async () => {
    const meta = aMeta();
    const { signal } = new AbortController();
    const sink = await aPreparedPump(clickhouse, meta).open(aContext(), signal);
    await sink.deliver(aBatch(1), signal);
    await server.query(`ALTER TABLE ${nameOf(meta)} DROP COLUMN user_agent`);

    const first = await sink.deliver(aBatch(1), signal);
    const second = await sink.deliver(aBatch(1), signal);
    await sink.close(signal);

    expect(outcomesOf([...first.verdicts, ...second.verdicts])).toEqual(['retry', 'delivered']);
    expect(await rowsOf(meta)).toHaveLength(2);
  });
});

it('the real server is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});
