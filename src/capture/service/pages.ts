import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explain, StartError } from '../../lib/errors.ts';
import { type HostPort, shownHostPort } from '../../lib/host-port.ts';
import type { Mask } from '../../lib/mask.ts';
import { createPageServer } from '../../lib/page-server.ts';
import type { Exposition } from '../../telemetry/metrics.ts';

/** What `/ready` answers. `ready` alone decides between 200 and 503; the rest says why. */
export interface CaptureReadiness {
  readonly ready: boolean;
  readonly reason?: string | undefined;
  /** Whether records are written; calls go through whatever it says. */
  readonly records:
    | { readonly state: 'up' }
    | { readonly state: 'waiting'; readonly reason: string };
  readonly sources: readonly { readonly name: string; readonly listens_at: readonly string[] }[];
}

export interface PagesOptions {
  readonly listen: HostPort;
  readonly exposition: () => Promise<Exposition>;
  /** `/ready` answers with all of it. */
  readonly readiness: () => Promise<{ readonly ready: boolean }>;
  /** What sources found out (docs/diagnostics.md). */
  readonly diagnostics: () => Promise<object>;
  readonly mask: Mask;
  /** Pages that take more than a look; left out: there are none, for the process is one of several. */
  readonly more?: {
    isOurs(path: string): boolean;
    serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  };
}

export interface Pages {
  /** `127.0.0.1:8084`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves `/live`, `/ready`, `/metrics`, `/api/diagnostics` and what else there is. Resolves once it listens. */
export async function servePages(options: PagesOptions): Promise<Pages> {
  const { listen, mask, more } = options;
  const server = createPageServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (more?.isOurs(path) === true) {
      void more.serve(request, response);
      return;
    }
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, {
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    answer(path, options).then(
      ({ status, type, body }) => send(status, type, body),
      (error: unknown) => send(500, plain, `500 ${mask(explain(error))}\n`),
    );
  }) as Server;
  const { host, port } = listen;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const where = shownHostPort(listen);
      reject(
        new StartError(`The pages for probes cannot be served at ${where} (admin.listen)`, error),
      );
    });
    server.listen(port, host === '' ? undefined : host, resolve);
  });
  const { address, port: taken } = server.address() as AddressInfo;
  return {
    address: shownHostPort({ host: address, port: taken }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Said once they are served. */
export const servingPages = 'Serving /live, /ready, /metrics, /api/diagnostics and /api/workloads.';

const plain = 'text/plain; charset=utf-8';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer(path: string, options: PagesOptions): Promise<Answer> {
  const { exposition, readiness, diagnostics, mask } = options;
  switch (path) {
    case '/live':
      return { status: 200, type: plain, body: 'live\n' };
    case '/ready': {
      const ready = await readiness();
      const body = `${mask(JSON.stringify(ready))}\n`;
      return { status: ready.ready ? 200 : 503, type: 'application/json', body };
    }
    case '/metrics': {
      const { contentType, body } = await exposition();
      return { status: 200, type: contentType, body };
    }
    case '/api/diagnostics': {
      const body = `${mask(JSON.stringify(await diagnostics()))}\n`;
      return { status: 200, type: 'application/json', body };
    }
    default:
      return {
        status: 404,
        type: plain,
        body: '404 there are /live, /ready, /metrics and /api/diagnostics; /api/workloads where workers is 1\n',
      };
  }
}
