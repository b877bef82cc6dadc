import { randomBytes } from 'node:crypto';
import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { needMariadb, startMariadb } from '../../test/services/mariadb.ts';
import { needPostgres, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import sql from './index.ts';

const noise = randomBytes(20_000).toString('hex');

const unavailable = await whyUnavailable(needPostgres);

describe.skipIf(unavailable !== undefined)('with PostgreSQL', () => {
  sinkContract(vitest, 'sql', async (): Promise<SinkHarness> => {
    const server = await startPostgres();
    let isDown = false;
    let isPaused = false;
    return {
      pump: aPreparedPump(sql, {
        type: 'postgres',
        connection_string: `${server.dsn()} password=contract-secret`,
      }),
      secrets: ['contract-secret'],
      // Longer than an entry of an index may be, also when it is compressed.
      poison: { api_key: noise },
      refuses: 'request',
      async received() {
        const rows = await server.query('SELECT path FROM tyk_analytics');
        return rows.map(({ path }) => String(path));
      },
      async break() {
        isDown = true;
        await server.kill9();
      },
      async restore() {
        if (isPaused) server.resume();
        isPaused = false;
        if (isDown) await server.start();
        isDown = false;
      },
      stall() {
        isPaused = true;
        server.pause();
        return Promise.resolve();
      },
      stop: () => server.stop(),
    };
  });
});

const withoutMariadb = await whyUnavailable(needMariadb);

describe.skipIf(withoutMariadb !== undefined)('with MariaDB', () => {
  sinkContract(vitest, 'sql', async (): Promise<SinkHarness> => {
    const server = await startMariadb();
    const { name, dsn } = await server.createDatabase();
    let isDown = false;
    return {
      pump: aPreparedPump(sql, {
        type: 'mysql',
        connection_string: dsn,
        mysql: { default_string_size: 200 },
      }),
      poison: { api_key: 'x'.repeat(300) },
      refuses: 'request',
      async received() {
        const rows = await server.query('SELECT path FROM tyk_analytics', name);
        return rows.map(({ path }) => String(path));
      },
      async break() {
        isDown = true;
        await server.kill9();
      },
      async restore() {
        if (isDown) await server.start();
        isDown = false;
      },
      stop: () => server.stop(),
    };
  });
});
