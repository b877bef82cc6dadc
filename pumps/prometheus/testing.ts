import { createServer, get, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Batch, millis, type PageHandler } from '#pump';
import { Counting } from './counting.ts';
import { type Format, writePage } from './exposition.ts';
import type { CustomMetric, Options } from './options.ts';

/** An admin server that only has what pumps mount. */
export class FakeAdmin {
  readonly #pages = new Map<string, PageHandler>();
  readonly #server: Server = createServer((request, response) => {
    const page = this.#pages.get(request.url ?? '');
    if (page !== undefined) page(request, response);
    else response.writeHead(404).end();
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** For the context of a pump. Sinks of one test come one after the other, or share the page. */
  readonly mount = (path: string, handler: PageHandler): (() => void) => {
    this.#pages.set(path, handler);
    return () => this.#pages.get(path) === handler && this.#pages.delete(path);
  };

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface Scraped {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A connection for each request, so that none is left behind; the body as it came. */
export async function scrape(
  port: number,
  path = '/metrics',
  headers: Readonly<Record<string, string>> = {},
): Promise<Scraped> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
        reject,
      );
    }).on('error', reject);
  });
}

/** Options as `prepare` would give them. */
export function anOptions(overrides: Partial<Options> = {}): Options {
  return {
    listen_address: '127.0.0.1:0',
    path: '/metrics',
    aggregate_observations: false,
    disabled_metrics: [],
    track_all_paths: false,
    custom_metrics: [],
    serve_on: 'listener',
    max_series: 10_000,
    expire_series_after: undefined,
    path_templates: [],
    fold_path_ids: false,
    use_sample_weight: false,
    ...overrides,
  };
}

export function aCustomMetric(overrides: Partial<CustomMetric> = {}): CustomMetric {
  return {
    name: 'custom',
    help: 'Custom.',
    metric_type: 'counter',
    buckets: [],
    obfuscate_api_keys: false,
    obfuscate_api_keys_length: 0,
    labels: [],
    mcp_only: false,
    ...overrides,
  };
}

/** The samples of the page after these batches: those whose name begins with `prefix`. */
export function samplesOf(
  options: Partial<Options>,
  batches: readonly Batch[],
  prefix: string,
): readonly string[] {
  const counting = new Counting(anOptions(options));
  for (const batch of batches) counting.add(batch, millis(0));
  return linesOf(counting, 'text').filter((line) => line.startsWith(prefix));
}

export const linesOf = (counting: Counting, format: Format): readonly string[] =>
  Buffer.concat([...writePage(counting.metrics, format)])
    .toString()
    .split('\n')
    .slice(0, -1);
