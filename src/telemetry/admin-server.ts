import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import { explain, StartError } from '../lib/errors.ts';
import { bareHost, shownHostPort } from '../lib/host-port.ts';
import type { Log } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import type { PageHandler } from '../lib/page-handler.ts';
import { createPageServer } from '../lib/page-server.ts';
import { shared } from '../lib/shared.ts';
import { millis } from '../lib/units.ts';
import { withDeadline } from '../lib/waiting.ts';
import type { Exposition } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { shown } from './redact.ts';

export interface AdminServerOptions {
  /** Where to listen; empty: all interfaces, as the reference does. */
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** `health_check_endpoint_name`: the path of the contract's health page, without its slash. */
  readonly healthName: string;
  readonly metrics: { exposition(): Promise<Exposition> };
  /** Asked for /ready, once for all who ask meanwhile; after five seconds the answer is 503. */
  readonly readiness: () => Promise<Readiness> | Readiness;
  /** What else is served, the first that has the path; left out: nothing. Pages win, those of pumps too: the operator named their paths. */
  readonly apis?: readonly AdminApi[];
  /** Certificate and key in PEM; left out: HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes configured secrets out of the reasons on the pages. */
  readonly mask: Mask;
}

/** Answers for all paths that it says are its own, whatever goes wrong. */
export interface AdminApi {
  isOurs(path: string): boolean;
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** To a client that sends too much. */
  refuseBody(response: ServerResponse): void;
}

export interface AdminServer {
  /** The port in use. */
  readonly port: number;
  /** Serves a page of a pump, until the function it gives is called. Throws where the path is taken. */
  readonly mount: (path: string, handler: PageHandler) => () => void;
  /** Shows another certificate to who connects from now on. Has no effect on HTTP. */
  readonly show: (certificate: { readonly cert: Buffer; readonly key: Buffer }) => void;
  /** Ends connections under way too: a scrape is no reason to delay a stop. */
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

type Pages = ReadonlyMap<string, () => Promise<Page> | Page>;

const readyTime = millis(5_000);

/** Serves the health page of the contract, and /live, /ready, /metrics. Resolves once it listens. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { address, port, apis = [], tls, log } = options;
  const healthName = options.healthName.replace(/^\/+/, '');
  const pages = pagesOf(options, healthName);
  const mounted = new Map<string, PageHandler>();
  const apiOf = (path: string): AdminApi | undefined =>
    mounted.has(path) || pages.has(path) ? undefined : apis.find((each) => each.isOurs(path));
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = pathOf(request);
    for (const [name, value] of forBrowsers) response.setHeader(name, value);
    const handler = mounted.get(path);
    if (handler !== undefined) {
      handler(request, response);
      return;
    }
    const serving = apiOf(path)?.serve(request, response);
    (serving ?? page(request, response, path)).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  };
  const page = async (request: IncomingMessage, response: ServerResponse, path: string) =>
    send(
      response,
      await answer(pages, request.method ?? '', path).catch((error: unknown) =>
        failure(error, options.mask),
      ),
    );
  const refuse = (request: IncomingMessage, response: ServerResponse): void => {
    const ours = apiOf(pathOf(request));
    if (ours === undefined) send(response, plain(413, '413 this page takes no body\n'));
    else ours.refuseBody(response);
  };
  const server = createPageServer(listener, { tls, refuse });
  sayDrops(server, options);
  const listening = await listen(server, address, port);
  log.info(
    { prefix: 'main' },
    `Serving health check endpoint at ${tls === undefined ? 'http' : 'https'}://localhost:${listening}/${healthName} ...`,
  );
  return {
    port: listening,
    mount(path, handler) {
      if (pages.has(path) || mounted.has(path))
        throw new Error(`The admin server already has a page at ${path}; choose another path`);
      mounted.set(path, handler);
      return () => mounted.delete(path);
    },
    show(certificate) {
      if ('setSecureContext' in server) server.setSecureContext(certificate);
    },
    close: () => close(server),
  };
}

/**
 * Whatever serves a page may say otherwise. Labels on a page of a pump come from strangers: no browser may take one for a page of
 * markup, show it in another page, or run anything of it.
 */
const forBrowsers: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
];

const pathOf = ({ url = '/' }: IncomingMessage): string => url.replace(/\?.*$/s, '');

/** Whoever is refused hears nothing of it; the log does, at most once a minute. */
function sayDrops(server: Server, { clock, log }: AdminServerOptions): void {
  let next = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    if (clock.elapsed() < next) return;
    next = clock.elapsed() + 60_000;
    log.warn(
      { prefix: 'main', connections: server.maxConnections },
      'The admin server has as many connections as it takes and refuses others.',
    );
  });
}

function pagesOf(options: AdminServerOptions, healthName: string): Pages {
  const { metrics, mask } = options;
  const measured = shared(async () => metricsPage(await metrics.exposition(), mask));
  const ready = shared(() => readyPage(options));
  return new Map<string, () => Promise<Page> | Page>([
    ['/live', () => json(200, '{"status": "ok"}')],
    ['/ready', ready],
    ['/metrics', measured],
    // Last, so that the operator's name wins over ours. These exact bytes: probes compare them.
    [`/${healthName}`, () => json(200, '{"status": "ok"}')],
  ]);
}

async function answer(pages: Pages, method: string, path: string): Promise<Page> {
  const page = pages.get(path);
  if (page === undefined) return plain(404, '404 page not found\n');
  // Node sends no body to a HEAD.
  if (method !== 'GET' && method !== 'HEAD') return plain(405, '');
  return page();
}

async function readyPage({ readiness, clock, mask }: AdminServerOptions): Promise<Page> {
  const state = await withDeadline(async () => readiness(), { clock, after: readyTime });
  return json(state.ready ? 200 : 503, readinessJson(state, mask));
}

const failure = (error: unknown, mask: Mask): Page =>
  json(503, readinessJson({ ready: false, reason: explain(error) }, mask));

/** Our own words among a password are no secret, and what reads the page looks for them. */
const ownWords: ReadonlySet<string> = new Set(['mode', 'state', 'route', 'pump']);

const readinessJson = (state: object, mask: Mask): string =>
  JSON.stringify(state, (key, value: unknown) =>
    typeof value === 'string' && !ownWords.has(key) ? shown(mask)(value) : value,
  );

/** Of metrics, the values of labels: a name that is also somebody's password stays a name. */
const metricsPage = ({ contentType, body }: Exposition, mask: Mask): Page => ({
  status: 200,
  contentType,
  body:
    mask(body) === body
      ? body
      : body.replace(/="(?:[^"\\]|\\.)*"/g, (label) => `="${mask(label.slice(2, -1))}"`),
});

const json = (status: number, body: string): Page => ({
  status,
  contentType: 'application/json',
  body,
});

const plain = (status: number, body: string): Page => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
});

function send(response: ServerResponse, { status, contentType, body }: Page): void {
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, status === 405 ? { ...headers, allow: 'GET, HEAD' } : headers);
  response.end(body);
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const where = shownHostPort({ host: address === '' ? '*' : bareHost(address), port });
      reject(new StartError(`The health and metrics server cannot listen on ${where}`, error));
    });
    server.listen({ port, ...(address === '' ? {} : { host: bareHost(address) }) }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
