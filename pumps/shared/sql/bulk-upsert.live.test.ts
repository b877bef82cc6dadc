/** Aggregates of many rows where the user may make no temporary table: they are the same as for one who may. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBatch, aPreparedPump, deliverOnce, outcomesOf } from '#pump/testing';
import {
  needPostgres,
  type PostgresServer,
  startPostgres,
} from '../../../test/services/postgres.ts';
import { whyUnavailable } from '../../../test/services/process.ts';
import aggregates from '../../sql_aggregate/index.ts';

const unavailable = await whyUnavailable(needPostgres);

describe.skipIf(unavailable !== undefined)('many rows of aggregates', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  // Two batches that share half of their rows, each of some hundreds.
  const batches = ['first', 'second'].map((segment, at) =>
    aBatch(400, (index) => ({ path: `/\\t${index + 200 * at}`, request_time: index }), segment),
  );

  async function stored(dsn: string, database: string): Promise<readonly unknown[]> {
    const meta = { type: 'postgres', connection_string: dsn, track_all_paths: true };
    for (const batch of batches)
      expect(outcomesOf(await deliverOnce(aPreparedPump(aggregates, meta), batch))).toEqual(
        Array(400).fill('delivered'),
      );
    return server.query('SELECT * FROM tyk_aggregated ORDER BY id', database);
  }

  it('are the same without the right to make temporary tables', async () => {
    const [free, bound] = [await server.createDatabase(), await server.createDatabase()];
    await server.query('CREATE ROLE bound LOGIN');
    await server.query(`REVOKE TEMP ON DATABASE ${bound.name} FROM PUBLIC`);
    await server.query('GRANT CREATE ON SCHEMA public TO bound', bound.name);
    const asBound = bound.dsn.replace('user=sluice', 'user=bound');

    const expected = await stored(free.dsn, free.name);
    const found = await stored(asBound, bound.name);

    expect(expected.length).toBeGreaterThan(1_200);
    expect(found).toEqual(expected);
    const [may] = await server.query(
      `SELECT has_database_privilege('bound', '${bound.name}', 'TEMP') AS temp`,
    );
    expect(may).toEqual({ temp: false });
  });
});
