import * as vitest from 'vitest';
import { describe } from 'vitest';
import type { Log } from '#pump';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import prometheus from './index.ts';
import { FakeAdmin, scrape } from './testing.ts';

describe('on the admin server', () => {
  sinkContract(vitest, 'prometheus', async () => {
    const admin = new FakeAdmin();
    await admin.listen();
    return harness({
      meta: { serve_on: 'admin', path: '/tyk' },
      context: { mount: admin.mount },
      pages: () => [scrape(admin.port, '/tyk')],
      stop: () => admin.close(),
    });
  });
});

describe('on a listener of its own', () => {
  sinkContract(vitest, 'prometheus', () => {
    const ports: number[] = [];
    return Promise.resolve(
      harness({
        meta: { listen_address: '127.0.0.1:0' },
        context: { log: portLog(ports) },
        pages: () => ports.slice(-1).map((port) => scrape(port)),
        stop: () => Promise.resolve(),
      }),
    );
  });
});

interface Where {
  readonly meta: object;
  readonly context: NonNullable<SinkHarness['context']>;
  readonly pages: () => readonly ReturnType<typeof scrape>[];
  readonly stop: () => Promise<void>;
}

/** Nobody needs to be there for counting: an outage cannot be noticed. */
function harness({ meta, context, pages, stop }: Where): SinkHarness {
  return {
    pump: aPreparedPump(prometheus, { ...meta, track_all_paths: true }),
    context,
    cannotKnow: ['outage'],
    async received() {
      const bodies = (await Promise.all(pages())).map(({ body }) => body);
      return bodies.flatMap(pathsOf);
    },
    break: () => Promise.resolve(),
    restore: () => Promise.resolve(),
    stop,
  };
}

/** Each path as often as it was counted. */
const pathsOf = (page: string): readonly string[] =>
  [...page.matchAll(/^tyk_http_status_per_path\{.*path="([^"]*)".*\} (\d+)$/gm)].flatMap(
    ([, path = '', count]) => Array.from({ length: Number(count) }, () => path),
  );

/** Picks the port of each listener out of what the sink says. */
function portLog(ports: number[]): Log {
  const log: Log = {
    error: () => undefined,
    warn: () => undefined,
    info: ({ port }) => typeof port === 'number' && ports.push(port),
    debug: () => undefined,
    child: () => log,
  };
  return log;
}
