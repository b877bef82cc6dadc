/**
 * Stands in for Tyk's gateway, which no registry has: reads the same configuration and the same definitions of APIs, calls the same upstreams,
 * and leaves the same records in Redis. What it does not know of either is an error, so that nothing in them goes unread.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { Redis } from 'ioredis';
import { encodeMsgpack } from '../../../../src/record/encode/msgpack.ts';

interface Conf {
  readonly listen_port: number;
  readonly secret: string;
  readonly use_db_app_configs: false;
  readonly app_path: string;
  readonly storage: { readonly type: 'redis'; readonly host: string; readonly port: number };
  readonly enable_analytics: boolean;
  readonly analytics_config: { readonly enable_detailed_recording: boolean };
}

interface Api {
  readonly name: string;
  readonly api_id: string;
  readonly org_id: string;
  readonly active: boolean;
  readonly use_keyless: boolean;
  readonly proxy: {
    readonly listen_path: string;
    readonly target_url: string;
    readonly strip_listen_path: boolean;
  };
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const conf = read('/opt/tyk-gateway/tyk.conf') as Conf;
const apis = readdirSync(conf.app_path)
  .filter((file) => file.endsWith('.json'))
  .map((file) => read(path.join(conf.app_path, file)) as Api)
  .filter(({ active }) => active);
if (apis.some((api) => !api.use_keyless)) throw new Error('Only APIs without keys are known here.');
const redis = new Redis({ host: conf.storage.host, port: conf.storage.port });

createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(502).end();
  });
}).listen(conf.listen_port);

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '/', method = 'GET' } = request;
  const api = apis.find(({ proxy }) => url.startsWith(proxy.listen_path));
  if (api === undefined) {
    response.writeHead(404).end();
    return;
  }
  const begun = Date.now();
  const body = await bodyOf(request);
  const { listen_path: listenPath, target_url: target, strip_listen_path: strips } = api.proxy;
  const answer = await fetch(new URL(strips ? url.slice(listenPath.length) : url, target), {
    method,
    headers: { accept: '*/*', 'content-type': request.headers['content-type'] ?? 'text/plain' },
    ...(body.length === 0 ? {} : { body }),
  });
  const content = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(content);
  if (!conf.enable_analytics) return;
  const head = request.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  const isDetailed = conf.analytics_config.enable_detailed_recording;
  const wire = (...parts: readonly (string | Buffer)[]): string =>
    isDetailed ? Buffer.concat(parts.map((part) => Buffer.from(part))).toString('base64') : '';
  const record = encodeMsgpack({
    method,
    host: request.headers.host ?? '',
    path: url,
    raw_path: url,
    content_length: body.length,
    user_agent: request.headers['user-agent'] ?? '',
    response_code: answer.status,
    timestamp: { seconds: Math.floor(begun / 1000), nanos: (begun % 1000) * 1e6 },
    api_version: 'Not Versioned',
    api_name: api.name,
    api_id: api.api_id,
    org_id: api.org_id,
    request_time: Date.now() - begun,
    raw_request: wire(`${method} ${url} HTTP/1.1\r\n`, head.join(''), '\r\n', body),
    raw_response: wire(`HTTP/1.1 ${answer.status} ${answer.statusText}\r\n\r\n`, content),
    ip_address: request.socket.remoteAddress ?? '',
  });
  await redis.rpush('analytics-tyk-system-analytics', record);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
