import { setTimeout as delay } from 'node:timers/promises';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  FakeHttpServer,
  failureOf,
  outcomesOf,
  type Reply,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { type InfluxServer, needInfluxdb, startInfluxdb } from '../../test/services/influxdb.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import { influx2Api, refusal } from './api.testing.ts';
import influx2 from './index.ts';

/*
 * No InfluxDB 2 can be had here. The API is ours, as its documentation has it; the points are kept by a real
 * InfluxDB 1, whose line protocol is the same.
 */
const obstacle = await whyUnavailable(needInfluxdb);

const deliver = (meta: object, batch: Batch) => deliverOnce(aPreparedPump(influx2, meta), batch);

describe.skipIf(obstacle !== undefined)('the API of version 2 over InfluxDB 1', () => {
  let storage: InfluxServer;
  let api: FakeHttpServer;
  const buckets = new Map<string, unknown>();
  let count = 0;

  beforeAll(async () => {
    storage = await startInfluxdb();
    api = await FakeHttpServer.start(
      influx2Api({
        ...{ token: 'live-token', organization: 'acme', buckets },
        store: (bucket, body) => storeIn(storage, bucket, body),
      }),
    );
  });
  afterAll(async () => {
    await api.close();
    await storage.stop();
  });

  async function aMeta(more: object = {}) {
    const bucket = `bucket ${(count += 1)}`;
    await storage.client('').createDatabase(bucket);
    buckets.set(bucket, {});
    const fields = ['path', 'total_latency', 'upstream_latency'];
    return {
      ...{ bucket, organization: 'acme', address: api.url, token: 'live-token' },
      ...{ fields, tags: ['api_id'], ...more },
    };
  }

  const rowsOf = (bucket: string) =>
    storage.client(bucket).query<Record<string, unknown>>('SELECT * FROM analytics');

  /** Looks until two looks agree: on a busy machine this server once showed rows a moment after it had taken them. */
  async function pathsIn(bucket: string): Promise<readonly string[]> {
    for (let before = -1; ; ) {
      const rows = await rowsOf(bucket);
      if (rows.length === before) return rows.map((row) => String(row['path']));
      before = rows.length;
      await delay(50);
    }
  }

  sinkContract(vitest, 'version 2', async (): Promise<SinkHarness> => {
    const meta = await aMeta();
    return {
      pump: aPreparedPump(influx2, meta),
      secrets: ['live-token'],
      poison: { api_id: 'x'.repeat(70_000) },
      received: () => pathsIn(meta.bucket),
      break: () => api.close(),
      restore: () => api.listen(),
      stall: () => api.stall(),
      stop: () => Promise.resolve(),
    };
  });

  it('stores a batch that comes twice once, and no record over another', async () => {
    const meta = await aMeta();
    const batch = aBatch(300);

    await deliver(meta, batch);
    const again = await deliver(meta, batch);

    expect(new Set(outcomesOf(again))).toEqual(new Set(['delivered']));
    expect(await rowsOf(meta.bucket)).toHaveLength(300);
  });

  it('stores awkward texts at once, for its lines are strict from the beginning', async () => {
    const meta = await aMeta({ fields: ['path', 'nope'] });

    const verdicts = await deliver(
      meta,
      aBatch(2, (at) => ({ path: 'a "b"\n\\', api_id: at === 0 ? 'end\\' : 'end"' })),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
    expect((await rowsOf(meta.bucket)).map((row) => row['path'])).toEqual([
      ...['a "b"\n\\', 'a "b"\n\\'],
    ]);
  });

  it('rejects a malformed line; the others come again', async () => {
    const meta = await aMeta();
    const long = { api_id: 'x'.repeat(70_000) };

    const verdicts = await deliver(
      meta,
      aBatch(3, (at) => (at === 1 ? long : {})),
    );

    expect(verdicts[1]?.outcome).toBe('reject');
    expect(failureOf(verdicts[1]).message).not.toContain('xxx');
  });
});

it('the real server is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

async function storeIn(storage: InfluxServer, bucket: string, body: Buffer): Promise<Reply> {
  const url = `${storage.url}/write?precision=ns&db=${encodeURIComponent(bucket)}`;
  const response = await fetch(url, { method: 'POST', body: Uint8Array.from(body) });
  if (response.status === 204) return { status: 204 };
  const { error } = (await response.json()) as { readonly error: string };
  return error.startsWith('partial write')
    ? refusal(422, 'unprocessable entity', `failure writing points to database: ${error}`)
    : refusal(response.status, 'invalid', error);
}
