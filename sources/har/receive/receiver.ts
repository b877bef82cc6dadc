import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  explain,
  type HostPort,
  onAbort,
  type SourceContext,
  StartError,
  shownHostPort,
} from '#source';
import type { Entries } from '../entries.ts';
import type { Options } from '../options.ts';
import { receive } from './receive.ts';
import { hasToken } from './token.ts';

export interface ReceiverParts {
  readonly options: Options;
  readonly listen: HostPort;
  readonly context: SourceContext;
  readonly entries: Entries;
  readonly longest: number;
}

export interface Receiver {
  /** `http://127.0.0.1:8086` */
  readonly address: string;
  /** Requests under way are answered until the signal aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

/** Each may hold as much as the longest entry. */
const mostAtOnce = 8;
const mostConnections = 200;

/** Takes HARs by POST. Rejects with a `StartError` where it cannot listen. */
export async function startReceiver(parts: ReceiverParts): Promise<Receiver> {
  const { listen, context, options } = parts;
  const host = listen.host === '' ? '127.0.0.1' : listen.host;
  let reading = 0;
  const server = createServer({ requestTimeout: 120_000 }, (request, response) => {
    const origin = options.origins.find((each) => each === request.headers.origin);
    const refused = refusalOf(request, options, { origin, isFull: reading >= mostAtOnce });
    if (refused !== undefined) {
      send(response, refused, origin);
      return;
    }
    reading++;
    receive(request, { ...parts, largest: options.max_body })
      .then(
        (answer) => send(response, answer, origin),
        (error: unknown) => {
          context.log.error({ reason: explain(error) }, 'A request with a HAR failed: a bug.');
          send(
            response,
            { status: 500, body: { error: 'a failure of ours' }, closes: true },
            origin,
          );
        },
      )
      .finally(() => {
        reading--;
      });
  });
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new StartError(
          `HARs cannot be taken at ${shownHostPort({ host, port: listen.port })} (listen)`,
          error,
        ),
      ),
    );
    server.listen(listen.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${shownHostPort({ host, port })}`,
    async stop(signal) {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const forget = onAbort(signal, () => server.closeAllConnections());
      await closed;
      forget();
    },
  };
}

interface Reply {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The rest of the request is not read. */
  readonly closes?: boolean;
}

/** Undefined: its body is to be read. Also answers what browsers ask before they send. */
function refusalOf(
  request: IncomingMessage,
  admission: Pick<Options, 'token'>,
  { origin, isFull }: { readonly origin: string | undefined; readonly isFull: boolean },
): Reply | undefined {
  const refuse = (status: number, error: string, headers = {}): Reply => ({
    ...{ status, body: { error }, headers, closes: true },
  });
  // A page that somebody visits may send to any port of their machine; browsers say whose page it is, other programs say nothing.
  if (request.headers.origin !== undefined && origin === undefined)
    return refuse(403, 'this origin is not among those that may send (origins)');
  if (request.method === 'OPTIONS' && origin !== undefined)
    return { status: 204, headers: preflight };
  if (request.url !== '/') return refuse(404, 'there is / alone');
  if (request.method !== 'POST') return refuse(405, 'expected POST', { allow: 'POST' });
  if (!hasToken(request.headers.authorization, admission.token))
    return refuse(401, 'expected Authorization: Bearer with the token', {
      'www-authenticate': 'Bearer',
    });
  return isFull ? refuse(503, 'too many requests at once', { 'retry-after': '1' }) : undefined;
}

const preflight = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'authorization, content-type, content-encoding',
  'access-control-allow-private-network': 'true',
  'access-control-max-age': '600',
};

function send(
  response: ServerResponse,
  { status, body, headers = {}, closes = false }: Reply,
  origin: string | undefined,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...{ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', vary: 'Origin' },
    ...(origin === undefined ? {} : { 'access-control-allow-origin': origin }),
    ...(closes ? { connection: 'close' } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  });
  response.end(body === undefined ? undefined : `${JSON.stringify(body)}\n`);
}
