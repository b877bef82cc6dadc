import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, FakeHttpServer, type SinkHarness, sinkContract } from '#pump/testing';
import clickhouse from './index.ts';
import { fakeServer } from './server.testing.ts';

describe.each([
  ['a table that is there', {}, true],
  ['a table that it makes', { create_table: true, async_insert: true }, false],
])('to %s', (_, meta, hasTable) => {
  sinkContract(vitest, 'clickhouse', () => aServerHarness(meta, hasTable));
});

async function aServerHarness(meta: object, hasTable: boolean): Promise<SinkHarness> {
  const password = 'contract-password';
  const refuses = (row: string): boolean => row.includes('"api_id":"poison"');
  const fake = fakeServer({ password, hasTable, refuses });
  const server = await FakeHttpServer.start((request) => fake.answer(request));
  return {
    pump: aPreparedPump(clickhouse, { url: server.url, username: 'contract', password, ...meta }),
    secrets: [password],
    poison: { api_id: 'poison' },
    refuses: 'request',
    received: () => Promise.resolve(fake.rows),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}
