import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, FakeHttpServer, type SinkHarness, sinkContract } from '#pump/testing';
import { type CollectorOptions, collector } from './collector.testing.ts';
import splunk from './index.ts';

describe.each([
  ['one by one', {}, {}],
  ['in batches', { enable_batch: true }, {}],
  ['in small batches', { enable_batch: true, batch_max_content_length: 1_500 }, {}],
  [
    'with acknowledgements',
    { enable_batch: true, indexer_acknowledgement: true },
    { acknowledges: 1 },
  ],
])('sending %s', (_, meta, how) => {
  sinkContract(vitest, 'splunk', () => aCollectorHarness(meta, how));
});

/** In front of some collectors a proxy hides which event they did not like. */
describe('to a collector that names no event', () => {
  sinkContract(vitest, 'splunk', async () => {
    const refuses = (event: string): boolean => event.includes('poison');
    const harness = await aCollectorHarness({ enable_batch: true }, { refuses, isReticent: true });
    return { ...harness, poison: { api_name: 'poison' }, refuses: 'request' };
  });
});

async function aCollectorHarness(
  meta: object,
  how: Partial<CollectorOptions>,
): Promise<SinkHarness> {
  const events: string[] = [];
  const token = 'contract-token';
  const server = await FakeHttpServer.start(collector({ token, events, mostBytes: 8e6, ...how }));
  return {
    pump: aPreparedPump(splunk, { collector_url: server.url, collector_token: token, ...meta }),
    secrets: [token],
    received: () => Promise.resolve(events),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}
