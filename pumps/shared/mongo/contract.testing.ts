import type { Pump } from '#pump';
import { aPreparedPump, type SinkHarness } from '#pump/testing';
import { FakeMongo } from './fake-server.testing.ts';

const password = 'contract-password';

/** A server of ours, and a pump for it: for the contract of each pump that stores records. */
export async function aMongoHarness(
  pump: Pump,
  meta: object = {},
  more: Partial<SinkHarness> = {},
): Promise<SinkHarness> {
  const server = new FakeMongo({ password });
  await server.listen();
  return {
    pump: aPreparedPump(pump, {
      mongo_url: server.url('test', 'serverSelectionTimeoutMS=1000'),
      ...meta,
    }),
    secrets: [password],
    poison: { api_id: 'poison' },
    received: () =>
      Promise.resolve(
        [...server.collections.keys()]
          .flatMap((name) => server.documents(name))
          .map((document) => JSON.stringify(document)),
      ),
    break: () => server.close(),
    restore: () => server.restore(),
    stall: () => server.stall(),
    stop: () => server.close(),
    ...more,
  };
}
