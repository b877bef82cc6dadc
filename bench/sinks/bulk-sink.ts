import { performance } from 'node:perf_hooks';
import { startChild } from './child.ts';
import type { BenchSink } from './sink.ts';

export interface BulkOptions {
  /** Share of the documents answered 429. */
  readonly refused?: number;
}

/** Elasticsearch, as far as a pump can tell. */
export async function bulkSink({ refused = 0 }: BulkOptions = {}): Promise<BenchSink> {
  const server = await startChild('bulk-server.ts');
  return {
    interval: 20,
    async begin({ records }) {
      await server.ask('begin', { records, refused });
      return { elasticsearch: { type: 'elasticsearch', meta: metaFor(server.port) } };
    },
    async look() {
      const { arrived = 0, lost = 0, invented = 0, lastAt = 0, ids = 0 } = await server.ask('look');
      return {
        arrived,
        lost,
        invented,
        ...(lastAt === 0 ? {} : { lastAt: lastAt - performance.timeOrigin }),
        // Some pumps let the server make the ids.
        ...(ids === 0 || ids === arrived ? {} : { note: `${ids} ids for ${arrived} records` }),
      };
    },
    close: () => server.close(),
  };
}

/** What the pump is told of a server at this port. */
export const metaFor = (port: number): Readonly<Record<string, unknown>> => ({
  index_name: 'tyk_analytics',
  elasticsearch_url: `http://127.0.0.1:${port}`,
  version: '7',
  document_type: 'tyk_analytics',
  rolling_index: false,
  extended_stats: false,
  bulk_config: { workers: 2, flush_interval: 1, bulk_actions: 5_000, bulk_size: 5_242_880 },
});
