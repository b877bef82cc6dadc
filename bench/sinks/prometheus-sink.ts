import { performance } from 'node:perf_hooks';
import { freePort } from '../../test/services/process.ts';
import type { BenchSink } from './sink.ts';

/** A page that is asked for. A metric has no identity: what is invented shows as a count above the number pushed. */
export function prometheusSink(): BenchSink {
  let [expected, port, counted, lastAt] = [0, 0, 0, 0];
  return {
    // Each look makes the pump write its page.
    interval: 200,
    async begin({ records }) {
      [expected, counted, lastAt] = [records, 0, 0];
      port = await freePort();
      const meta = { listen_address: `127.0.0.1:${port}`, path: '/metrics' };
      return { prometheus: { type: 'prometheus', meta } };
    },
    async look() {
      const count = countedOn(await pageAt(port));
      if (count > counted) [counted, lastAt] = [count, performance.now()];
      return {
        arrived: Math.min(counted, expected),
        lost: Math.max(0, expected - counted),
        invented: Math.max(0, counted - expected),
        ...(lastAt === 0 ? {} : { lastAt }),
      };
    },
    close: () => Promise.resolve(),
  };
}

/** The sum of all series of `tyk_http_status`: every record is counted in one of them. */
export function countedOn(page: string): number {
  let sum = 0;
  for (const [, value] of page.matchAll(/^tyk_http_status\{[^}]*\} (\S+)$/gm)) sum += Number(value);
  return sum;
}

async function pageAt(port: number): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } catch {
    return '';
  }
}
