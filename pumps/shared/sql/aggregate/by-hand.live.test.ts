/** How a row takes in batch after batch, counted by hand: records that are no hits (code -1), minima, means, in either order. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch } from '#pump';
import { aContext, anEntry, aPreparedPump } from '#pump/testing';
import { needMariadb, startMariadb } from '../../../../test/services/mariadb.ts';
import { needPostgres, startPostgres } from '../../../../test/services/postgres.ts';
import { whyUnavailable } from '../../../../test/services/process.ts';
import rest from '../../../sql_aggregate/index.ts';

/** All times are milliseconds; of a hit: code, its time (request and latency), the upstream's. */
const hit = (response_code: number, total: number, upstream: number) =>
  anEntry({ response_code, request_time: total, latency: { total, upstream } });
/** Open, closed, in, out. */
const network = (
  open_connections: number,
  closed_connections: number,
  bytes_in: number,
  bytes_out: number,
) =>
  anEntry({
    // What stands here of times is none of a hit.
    ...{ response_code: -1, request_time: 1_000, latency: { total: 1_000, upstream: 1_000 } },
    network: { open_connections, closed_connections, bytes_in, bytes_out },
  });

const batches = [
  [network(3, 1, 100, 10)],
  [hit(500, 2, 1), hit(404, 4, 3)],
  [hit(200, 30, 20), hit(500, 1, 1)],
  [hit(500, 0, 0)],
  [hit(200, 10, 9), network(1, 2, 5, 6)],
  [hit(301, 5, 4)],
];

/** After each batch, in the order in which they stand: what the total must be. */
const steps = [
  // hits, success, error, request time, its mean, lowest and highest latency, of the upstream: mean, lowest, highest
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  // Of errors where there are only those.
  [2, 0, 2, 6, 3, 2, 4, 2, 1, 3],
  // An error, which took less, no longer counts.
  [4, 1, 3, 37, 9.25, 30, 30, 6.25, 20, 20],
  [5, 1, 4, 37, 7.4, 30, 30, 5, 20, 20],
  [6, 2, 4, 47, 7.833333, 10, 30, 5.666667, 9, 20],
  // A redirection is neither success nor error, and a hit like any other.
  [7, 2, 4, 52, 7.428571, 5, 30, 5.428571, 4, 20],
];
const columns = [
  ...['counter_hits', 'counter_success', 'counter_error'],
  ...['counter_total_request_time', 'counter_request_time'],
  ...['counter_min_latency', 'counter_max_latency'],
  ...['counter_upstream_latency', 'counter_min_upstream_latency', 'counter_max_upstream_latency'],
];
const further = [
  ...['counter_open_connections', 'counter_closed_connections'],
  ...['counter_bytes_in', 'counter_bytes_out', 'counter_total_latency', 'counter_latency'],
  ...['code_200', 'code_404', 'code_500', 'code_4x', 'code_5x'],
];
const atLast = [4, 3, 105, 16, 52, 7.428571, 0, 1, 3, 0, 0];
/** An API has the bytes, and no connections. */
const ofApiAtLast = [0, 0, 105, 16, 52, 7.428571, 0, 1, 3, 0, 0];

const services = {
  postgres: { need: needPostgres, start: startPostgres },
  mysql: { need: needMariadb, start: startMariadb },
} as const;

describe.each(['postgres', 'mysql'] as const)('a row of aggregates in %s', async (type) => {
  const unavailable = await whyUnavailable(services[type].need);
  let server: Awaited<ReturnType<typeof startPostgres | typeof startMariadb>>;

  beforeAll(async () => {
    if (unavailable === undefined) server = await services[type].start();
  }, 120_000);
  afterAll(async () => {
    if (unavailable === undefined) await server.stop();
  });

  async function sinkInto(dsn: string) {
    const signal = AbortSignal.timeout(50_000);
    const pump = aPreparedPump(rest, { type, connection_string: dsn });
    const sink = await pump.open(aContext(), signal);
    return {
      deliver: async (entries: (typeof batches)[number]) => {
        const { ofRequest } = await sink.deliver(Batch.of(entries), signal);
        expect(ofRequest?.outcome).toBe('delivered');
      },
      close: () => sink.close(signal),
    };
  }

  async function row(database: string, dimension: string, names: readonly string[]) {
    const rows = await server.query(
      `SELECT ${names.join(', ')} FROM tyk_aggregated WHERE dimension = '${dimension}'`,
      database,
    );
    expect(rows).toHaveLength(1);
    return names.map((name) => Number(Number(rows[0]?.[name]).toFixed(6)));
  }

  it.skipIf(unavailable !== undefined)('is right after each batch', async () => {
    const { name, dsn } = await server.createDatabase();
    const sink = await sinkInto(dsn);
    for (const [at, batch] of batches.entries()) {
      await sink.deliver(batch);
      expect(await row(name, '', columns), `after batch ${at}`).toEqual(steps[at]);
      expect(await row(name, 'apiid', columns), `of the API after batch ${at}`).toEqual(steps[at]);
    }
    expect(await row(name, '', further)).toEqual(atLast);
    expect(await row(name, 'apiid', further)).toEqual(ofApiAtLast);
    await sink.close();
  });

  it.skipIf(unavailable !== undefined)('is the same in the opposite order', async () => {
    const { name, dsn } = await server.createDatabase();
    const sink = await sinkInto(dsn);
    for (const batch of batches.toReversed()) await sink.deliver(batch);
    await sink.close();

    for (const [dimension, last] of [
      ['', atLast],
      ['apiid', ofApiAtLast],
    ] as const) {
      expect(await row(name, dimension, columns)).toEqual(steps.at(-1));
      expect(await row(name, dimension, further)).toEqual(last);
    }
  });
});
