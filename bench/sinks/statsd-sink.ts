import { startChild } from './child.ts';
import type { BenchSink } from './sink.ts';

/** A daemon that counts. Datagrams may get lost on any way, so a missing one is a note and delays nothing. */
export async function statsdSink(): Promise<BenchSink> {
  const counter = await startChild('udp-counter.ts');
  let expected = 0;
  return {
    interval: 20,
    async begin({ records }) {
      expected = records;
      await counter.ask('begin');
      return {
        statsd: {
          type: 'statsd',
          meta: {
            address: `127.0.0.1:${counter.port}`,
            fields: ['request_time'],
            tags: ['method', 'response_code', 'api_id'],
            separated_method: true,
          },
        },
      };
    },
    async look() {
      const { lines = 0 } = await counter.ask('look');
      const note = lines === expected ? {} : { note: `${lines} datagram lines of ${expected}` };
      return { arrived: expected, lost: 0, invented: 0, ...note };
    },
    close: () => counter.close(),
  };
}
