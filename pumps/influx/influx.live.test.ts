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
import { makeCertificates } from '../../test/services/certificates.ts';
import { type InfluxServer, needInfluxdb, startInfluxdb } from '../../test/services/influxdb.ts';
import { startOutage } from '../../test/services/outage.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import influx from './index.ts';

const obstacle = await whyUnavailable(needInfluxdb);

const signal = (): AbortSignal => AbortSignal.timeout(20_000);
const deliver = (meta: object, batch: Batch) => deliverOnce(aPreparedPump(influx, meta), batch);

interface Row {
  readonly [column: string]: unknown;
  readonly time: { getNanoTime(): string };
}

const rowsOf = (server: InfluxServer, database: string): Promise<readonly Row[]> =>
  server.client(database).query<Row>('SELECT * FROM analytics');

describe.skipIf(obstacle !== undefined)('InfluxDB 1', () => {
  let server: InfluxServer;
  let databases = 0;

  beforeAll(async () => {
    server = await startInfluxdb();
  });
  afterAll(() => server.stop());

  async function aMeta(meta: object = {}) {
    const database_name = `db ${(databases += 1)}`;
    await server.client('').createDatabase(database_name);
    const fields = ['path', 'request_time'];
    return { database_name, address: server.url, fields, tags: ['api_id'], ...meta };
  }

  sinkContract(vitest, 'InfluxDB 1', async () => aProxiedHarness(server, await aMeta()));

  it('stores awkward texts, times and numbers as they are', async () => {
    const awkward = 'a\\ "b", c=d\nü\u2028\\';
    const meta = await aMeta({
      fields: ['path', 'time_stamp', 'response_code', 'raw_request'],
      tags: ['api_name', 'org_id', 'oauth_id', 'nope'],
    });

    const sink = await aPreparedPump(influx, meta).open(aContext(), signal());
    const batch = aBatch(1, {
      ...{ path: awkward, api_name: 'a, b=c', org_id: awkward, response_code: -1 },
    });

    // The backslash at the end costs one attempt.
    await sink.deliver(batch, signal());
    const { verdicts } = await sink.deliver(batch, signal());
    await sink.close(signal());

    expect(outcomesOf(verdicts)).toEqual(['delivered']);
    const [row] = await rowsOf(server, meta.database_name);
    expect(row).toMatchObject({
      path: awkward,
      raw_request: '',
      time_stamp: '2024-03-10 22:22:00 +0000 UTC',
      response_code: -1,
      api_name: 'a, b=c',
      // As JSON, without the backslash at its end, which no tag can have.
      org_id: 'a\\\\ \\"b\\", c=d\\nü\\u2028',
      nope: 'null',
    });
    expect(row).not.toHaveProperty('oauth_id');
  });

  it('keeps records apart that have the same time and tags', async () => {
    const meta = await aMeta();

    await deliver(meta, aBatch(500));

    const rows = await rowsOf(server, meta.database_name);
    expect(rows).toHaveLength(500);
    expect(new Set(rows.map(({ time }) => time.getNanoTime().slice(0, -6)))).toEqual(
      new Set(['1710109320000']),
    );
  });

  it('stores a batch that comes twice once', async () => {
    const meta = await aMeta();
    const batch = aBatch(50);

    await deliver(meta, batch);
    const again = await deliver(meta, batch);

    expect(new Set(outcomesOf(again))).toEqual(new Set(['delivered']));
    expect(await rowsOf(server, meta.database_name)).toHaveLength(50);
  });

  it('stores records without a time, or with one that no point can have', async () => {
    const meta = await aMeta({ tags: [] });

    const verdicts = await deliver(
      meta,
      aBatch(4, (at) => ({
        timestamp: { seconds: [-62_135_596_800, 9_300_000_000, -1, 0][at] ?? 0, nanos: 500 },
      })),
    );

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
    expect(await rowsOf(server, meta.database_name)).toHaveLength(4);
  });

  it('writes the time of writing where that is asked for, and overwrites nothing', async () => {
    const meta = await aMeta({ timestamp: 'write' });

    await deliver(meta, aBatch(20));

    const rows = await rowsOf(server, meta.database_name);
    expect(rows).toHaveLength(20);
    expect(Number(rows[0]?.time.getNanoTime().slice(0, 10))).toBeGreaterThan(1_750_000_000);
  });

  it('rejects a line the server cannot read, alone, without its content', async () => {
    const meta = await aMeta();
    const long = 'x'.repeat(70_000);

    const verdicts = await deliver(
      meta,
      aBatch(5, (at) => (at === 2 || at === 3 ? { api_id: long } : {})),
    );

    expect(outcomesOf(verdicts)).toEqual([
      ...['delivered', 'delivered', 'reject', 'reject', 'delivered'],
    ]);
    expect(failureOf(verdicts[2]).message).toContain('max key length exceeded');
    expect(failureOf(verdicts[2]).message).not.toContain('xxx');
    expect(await rowsOf(server, meta.database_name)).toHaveLength(3);
  });

  it('rejects all where the type of a field is another one in the database', async () => {
    const meta = await aMeta();
    await server
      .client(meta.database_name)
      .writePoints([
        { measurement: 'analytics', fields: { path: 1 }, timestamp: new Date(1_710_109_320_000) },
      ]);

    const verdicts = await deliver(meta, aBatch(3));

    expect(outcomesOf(verdicts)).toEqual(['reject', 'reject', 'reject']);
    expect(failureOf(verdicts[0]).message).toContain('field type conflict');
  });

  it('rejects the whole batch where some of it is refused and nobody says what', async () => {
    const meta = await aMeta();
    await server
      .client(meta.database_name)
      .writePoints([
        { measurement: 'analytics', fields: { path: 1 }, timestamp: new Date(1_710_109_320_000) },
      ]);
    const years = 3 * 365 * 86_400;

    const batch = aBatch(4, (at) =>
      at === 1 ? { timestamp: { seconds: 1_710_109_320 - years } } : {},
    );
    const { ofRequest } = await answerOnce(aPreparedPump(influx, meta), batch);

    // The courier halves what is said of a request.
    expect(ofRequest?.outcome).toBe('reject');
    expect(failureOf(ofRequest).message).toContain('dropped=3');
  });

  it.each([
    ['fields of unknown names', { fields: ['path', 'nope'] }, {}],
    ['tags that end in a quote', {}, { api_id: 'a "b"' }],
  ])('writes strict lines once the server could not read %s', async (_, more, record) => {
    const meta = await aMeta(more);
    const sink = await aPreparedPump(influx, meta).open(aContext(), signal());
    const batch = aBatch(3, (at) => (at === 1 ? record : {}));

    const first = await sink.deliver(batch, signal());
    const second = await sink.deliver(batch, signal());
    await sink.close(signal());

    expect(outcomesOf(first.verdicts)).toEqual(['retry', 'retry', 'retry']);
    expect(outcomesOf(second.verdicts)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await rowsOf(server, meta.database_name)).toHaveLength(3);
  });

  it('keeps the records while the database is missing', async () => {
    const meta = { ...(await aMeta()), database_name: 'nowhere' };
    const sink = await aPreparedPump(influx, meta).open(aContext(), signal());

    const verdicts = await sink.deliver(aBatch(1), signal());
    const health = await sink.check(signal());
    await sink.close(signal());

    expect(outcomesOf(verdicts.verdicts)).toEqual(['retry']);
    expect(health.state).toBe('down');
    expect(JSON.stringify(health)).toContain('nowhere');
  });
});

describe.skipIf(obstacle !== undefined)('InfluxDB 1 with TLS and users', () => {
  const login = { username: 'admin', password: 'live-password' };
  let server: InfluxServer;
  let ca: string;

  beforeAll(async () => {
    const tls = await makeCertificates();
    ca = tls.caFile;
    server = await startInfluxdb({ login, tls });
    await server.client('').createDatabase('tyk');
  });
  afterAll(() => server.stop());

  const meta = (more: object = {}) => ({
    ...{ database_name: 'tyk', address: server.url, fields: ['path'], ssl_ca_file: ca },
    ...{ ...login, ...more },
  });

  it.each([
    ['in the options', () => ({})],
    [
      'in the address',
      () => ({ username: '', address: server.url.replace('//', '//admin:live-password@') }),
    ],
  ])('writes with the user %s', async (_, more) => {
    const verdicts = await deliver(meta(more()), aBatch(1));

    expect(outcomesOf(verdicts)).toEqual(['delivered']);
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'unauthorised'],
    ['an authority nobody trusts', { ssl_ca_file: '' }, 'unexpected'],
  ])('keeps the records with %s', async (_, more, kind) => {
    const verdicts = await deliver(meta(more), aBatch(1));

    expect(outcomesOf(verdicts)).toEqual(['retry']);
    expect(failureOf(verdicts[0]).kind).toBe(kind);
  });

  it('accepts any certificate where it is told to', async () => {
    const verdicts = await deliver(
      meta({ ssl_ca_file: '', ssl_insecure_skip_verify: true }),
      aBatch(1),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered']);
  });
});

it('the real server is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** The server behind a proxy, which can go away, come back and hang. */
async function aProxiedHarness(
  server: InfluxServer,
  meta: { readonly database_name: string },
): Promise<SinkHarness> {
  const { port, ...outage } = await startOutage(server.port);
  return {
    pump: aPreparedPump(influx, {
      ...meta,
      address: `http://127.0.0.1:${port}`,
      username: 'admin',
      password: 'live-password',
    }),
    secrets: ['live-password', Buffer.from('admin:live-password').toString('base64')],
    poison: { api_id: 'x'.repeat(70_000) },
    received: async () =>
      (await rowsOf(server, meta.database_name)).map((row) => String(row['path'])),
    ...outage,
  };
}
