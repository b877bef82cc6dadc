import type { Document } from 'mongodb';
import type { Pump } from '#pump';
import { aPreparedPump, type SinkHarness } from '#pump/testing';
import { FakeMongo } from '../fake-server.testing.ts';

const password = 'contract-password';

/** A server of ours, and a pump that counts there: for the contract of each. */
export async function anAggregateHarness(
  pump: Pump,
  meta: object = {},
  more: Partial<SinkHarness> = {},
): Promise<SinkHarness> {
  const server = new FakeMongo({ password });
  await server.listen();
  const prepared = aPreparedPump(pump, {
    mongo_url: server.url('test', 'serverSelectionTimeoutMS=1000'),
    ...meta,
  });
  return {
    // Smaller batches than it takes: all records of the suite are of one hour, and so of one document.
    pump: { ...prepared, limits: { ...prepared.limits, records: 60 } },
    secrets: [password],
    poison: { org_id: 'no$collection' },
    received: () =>
      Promise.resolve(
        [...server.collections.keys()]
          .filter((name) => name.startsWith('z_tyk'))
          .flatMap((name) => server.documents(name))
          .flatMap(pathsIn),
      ),
    break: () => server.close(),
    restore: () => server.restore(),
    stall: () => server.stall(),
    stop: () => server.close(),
    ...more,
  };
}

/** Each path that was counted, as often as it was. */
const pathsIn = (document: Document): readonly string[] =>
  Object.values((document['endpoints'] ?? {}) as Readonly<Record<string, Document>>).flatMap(
    ({ identifier, hits }) => Array.from({ length: Number(hits) }, () => String(identifier)),
  );
