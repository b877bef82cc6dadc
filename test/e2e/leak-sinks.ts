/** Sinks that keep every byte they are sent, one for each pump that needs no server of others. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FakeHttpServer, type ReceivedRequest, type Reply } from '#pump/testing';
import { fakeServer } from '../../pumps/clickhouse/server.testing.ts';
import { influx2Api } from '../../pumps/influx2/api.testing.ts';
import { attributesOf, logsIn, metricsIn } from '../../pumps/otlp/decode.testing.ts';
import { FakeGrpcServer } from '../../pumps/otlp/grpc/server.testing.ts';
import { attributeNames } from '../../pumps/otlp/metrics/attributes.ts';
import { fakeS3 } from '../../pumps/s3/fake-s3.testing.ts';
import { linesOf as rowsAsLines } from '../../pumps/s3/parquet/read.testing.ts';
import { sqliteDriver } from '../../pumps/shared/sql/driver/sqlite.ts';
import { collector } from '../../pumps/splunk/collector.testing.ts';
import { TcpReceiver, UdpReceiver } from '../../pumps/statsd/testing.ts';
import { storedCalls } from '../../src/traffic/testing.ts';
import { freePort } from '../services/process.ts';
import type { Kind } from './secret-records.ts';

export interface LeakSink {
  readonly name: string;
  /** The entry in `pumps`; `{dir}` is the folder of the process. */
  readonly pump: Readonly<Record<string, unknown>> & { readonly type: string };
  /** Only these kinds of records arrive; left out: all. */
  readonly kinds?: readonly Kind[];
  /** What is no secret in a record can be found: `lines`: each is a record with all fields; `parts`: one with its payloads. */
  readonly whole?: 'lines' | 'parts';
  /** Datagrams may be lost on the way. */
  readonly mayLose?: boolean;
  /** Called while the process still runs and has delivered everything. */
  readonly look?: () => Promise<void>;
  /** All that came, in parts of any size; asked once the process in that folder is gone. */
  sent(dir: string): Promise<readonly Buffer[]>;
  stop(): Promise<unknown>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** Names that many pumps have for fields and tags. */
const names = [
  ...['method', 'path', 'response_code', 'api_key', 'time_stamp', 'api_version', 'api_name'],
  ...['api_id', 'org_id', 'oauth_id', 'raw_request', 'raw_response', 'ip_address'],
];

/** What metrics can be grouped by besides. */
const groups = ['original_path', 'listen_path', 'path_template', 'geo_location_time_zone'];

const wholeRequest = ({ method, path: where, query, headers, body }: ReceivedRequest): Buffer => {
  const plain = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body;
  const entries = Object.entries(headers).map(String);
  const head = [`${method} ${where}?${String(query)}`, ...entries, '', ''];
  return Buffer.concat([Buffer.from(head.join('\n')), plain]);
};

/** One whose server answers so. */
async function httpSink(
  name: string,
  answer: (request: ReceivedRequest) => Reply | Promise<Reply>,
  pump: (url: string) => LeakSink['pump'],
  about: Partial<LeakSink> = {},
): Promise<LeakSink> {
  const server = await FakeHttpServer.start(answer);
  return {
    name,
    pump: pump(server.url),
    sent: () => Promise.resolve(server.requests.map(wholeRequest)),
    stop: () => server.close(),
    ...about,
  };
}

/** One that writes into this folder. */
function fileSink(name: string, pump: LeakSink['pump'], about: Partial<LeakSink> = {}): LeakSink {
  return {
    name,
    pump,
    async sent(dir) {
      const folder = path.join(dir, name);
      const files = await readdir(folder);
      return Promise.all(files.map((file) => readFile(path.join(folder, file))));
    },
    stop: nothing,
    ...about,
  };
}

/** The bytes of its files, and the records in them, whose long texts are cut in the files. */
function trafficSink(): LeakSink {
  const files = fileSink('traffic', { type: 'traffic', meta: { folder: '{dir}/traffic' } });
  return {
    ...files,
    async sent(dir) {
      const calls = await storedCalls(path.join(dir, 'traffic'));
      return [...(await files.sent(dir)), ...calls.map(({ record }) => Buffer.from(record.bytes))];
    },
  };
}

const bytesOf = (cell: unknown): Uint8Array =>
  cell instanceof Uint8Array ? cell : Buffer.from(String(cell));

/** The bytes of the database, and its rows, which long texts cut in the file. */
function sqliteSink(type: string, about: Partial<LeakSink> = {}, more: object = {}): LeakSink {
  const connection_string = `{dir}/${type}.db`;
  return {
    name: type,
    pump: { type, meta: { type: 'sqlite', connection_string, ...more } },
    stop: nothing,
    ...(about.kinds === undefined ? {} : { kinds: about.kinds }),
    ...(about.whole === undefined ? {} : { whole: about.whole }),
    async sent(dir) {
      const files = (await readdir(dir)).filter((file) => file.startsWith(`${type}.db`));
      const bytes = await Promise.all(files.map((file) => readFile(path.join(dir, file))));
      const driver = sqliteDriver({ path: path.join(dir, `${type}.db`) });
      const connection = await driver.connect(AbortSignal.timeout(10_000));
      const tables = await connection.run(["SELECT name FROM sqlite_master WHERE type = 'table'"]);
      const rows: Buffer[] = [];
      for (const [table] of tables)
        for (const row of await connection.run([`SELECT * FROM "${String(table)}"`]))
          rows.push(Buffer.concat(row.flatMap((cell) => [bytesOf(cell), Buffer.from('\n')])));
      connection.destroy();
      return [...bytes, ...rows];
    },
  };
}

async function udpSink(
  name: string,
  pump: (address: string) => LeakSink['pump'],
): Promise<LeakSink> {
  const receiver = new UdpReceiver();
  await receiver.open();
  return {
    name,
    mayLose: true,
    pump: pump(receiver.address),
    sent: async () => (await receiver.lines(), receiver.datagrams),
    stop: () => receiver.close(),
  };
}

async function tcpSink(
  name: string,
  pump: (address: string) => LeakSink['pump'],
  about: Partial<LeakSink> = {},
): Promise<LeakSink> {
  const receiver = new TcpReceiver();
  await receiver.open();
  return {
    name,
    mayLose: true,
    pump: pump(receiver.address),
    sent: async () => (await receiver.lines()).map((line) => Buffer.from(line)),
    stop: () => receiver.close(),
    ...about,
  };
}

/** What its page shows in the end. */
async function prometheusSink(): Promise<LeakSink> {
  const listen_address = `127.0.0.1:${await freePort()}`;
  const pages: Buffer[] = [];
  const labels = [
    ...['api_id', 'path', 'alias', 'api_key', 'api_name', 'host', 'ip_address', 'oauth_id'],
    ...['mcp_method', 'mcp_primitive_name', 'mcp_primitive_type', 'method', 'org_id'],
    ...groups,
  ];
  const all = { name: 'all_labels', metric_type: 'counter', labels };
  return {
    name: 'prometheus',
    pump: {
      type: 'prometheus',
      meta: { listen_address, track_all_paths: true, custom_metrics: [all] },
    },
    async look() {
      const answer = await fetch(`http://${listen_address}/metrics`);
      pages.push(Buffer.from(await answer.arrayBuffer()));
    },
    sent: () => Promise.resolve(pages),
    stop: nothing,
  };
}

/** What it does not send by itself. */
const otlpFields = [
  ...['raw_path', 'raw_request', 'raw_response', 'network', 'geo.city', 'geo.location.time_zone'],
  ...['graphql_stats.Variables', 'graphql_stats.Types', 'graphql_stats.Errors', 'api_schema'],
  ...['track_path', 'expireAt', 'day', 'month', 'year', 'hour', 'timestamp'],
];

/** A receiver of OTLP. Its requests are texts between lengths: they are looked at as they are, and as what they say. */
async function otlpSink(
  name: string,
  { meta, ...entry }: { readonly meta: object; readonly fields?: object },
): Promise<LeakSink> {
  const bodies: Buffer[] = [];
  const isGrpc = 'protocol' in meta;
  const isOfMetrics = 'signal' in meta;
  const server = isGrpc
    ? await FakeGrpcServer.start(({ message }) => (bodies.push(message), { status: 0 }))
    : await FakeHttpServer.start(({ body }) => {
        bodies.push(body[0] === 0x1f ? gunzipSync(body) : body);
        return { status: 200, body: '' };
      });
  const said = (body: Buffer): readonly unknown[] =>
    isOfMetrics
      ? metricsIn(body).flatMap(({ histogram }) =>
          (histogram.dataPoints ?? []).map(({ attributes }) => attributesOf(attributes)),
        )
      : logsIn(body).map(({ body: line, attributes }) => [
          line?.stringValue,
          attributesOf(attributes),
        ]);
  const lines = (body: Buffer): Buffer =>
    Buffer.from(
      said(body)
        .flatMap((each) => [JSON.stringify(each), '\n'])
        .join(''),
    );
  return {
    name,
    pump: { type: 'otlp', ...entry, meta: { url: server.url, ...meta } },
    ...(isOfMetrics ? {} : { whole: 'lines' }),
    sent: () => Promise.resolve([...bodies, ...bodies.map(lines)]),
    stop: () => server.close(),
  };
}

const json = { 'content-type': 'application/json' };

/** Elasticsearch as far as the pump asks it: all is created. */
function elasticsearch({ path: where, body }: ReceivedRequest): Reply {
  if (where === '/') return { status: 200, headers: json, body: { version: { number: '8.19.0' } } };
  if (where !== '/_bulk') return { status: 200, headers: json, body: {} };
  const actions = String(body).match(/^\{"create":.*$/gm) ?? [];
  const items = actions.map(() => ({ create: { status: 201 } }));
  return { status: 200, headers: json, body: { errors: false, items } };
}

const odd = /sample-\d+[13579]-/;

/** Refuses one half of the records, each with its own words, so that no route stands still. */
const refusing = (isOdd: boolean) =>
  httpSink(
    isOdd ? 'refuses-odd' : 'refuses-even',
    ({ body }) =>
      odd.test(String(body)) === isOdd
        ? { status: 400, headers: json, body: { error: `cannot take ${String(body)}` } }
        : { status: 200 },
    (url) => ({
      type: 'http',
      meta: { url: `${url}/{{api_id}}/{{path}}?of={{alias}}`, format: 'single' },
    }),
  );

const s3Pump =
  (more: object = {}) =>
  (endpoint: string): LeakSink['pump'] => ({
    type: 's3',
    limits: { age: '1s' },
    meta: {
      ...{ endpoint, bucket: 'b', force_path_style: true, prefix: '{{alias}}/{{year}}/' },
      ...{ access_key_id: 'an-id', secret_access_key: 'the-key-of-s3', ...more },
    },
  });

/** Columns are compressed, and their texts cut up by dictionaries: each row is looked at as it is read, and the bytes as they are. */
async function s3ParquetSink(): Promise<LeakSink> {
  const s3 = fakeS3('an-id');
  const pump = s3Pump({ format: 'parquet' });
  const sink = await httpSink('s3-parquet', (request) => s3.answer(request), pump);
  return {
    ...sink,
    whole: 'lines',
    async sent(dir) {
      const files = [...s3.objects.values()].map(({ body }) => body);
      const lines = (await Promise.all(files.map(rowsAsLines))).flat();
      return [...(await sink.sent(dir)), ...lines.map((line) => Buffer.from(line))];
    },
  };
}

/** Every pump whose destination is a file, a socket or a server that is easily played. */
export async function localSinks(): Promise<readonly LeakSink[]> {
  const ok = (): Reply => ({ status: 200 });
  const buckets = new Map<string, unknown>([['b', {}]]);
  const clickhouse = fakeServer();
  const s3 = fakeS3('an-id');
  const stored: string[] = [];
  return [
    fileSink('csv', { type: 'csv', meta: { csv_dir: '{dir}/csv' } }),
    fileSink('csv-fields', {
      type: 'csv',
      fields: {
        include: ['raw_request', '*', 'graphql_stats', 'mcp_stats'],
        exclude: ['geo'],
        rename: { raw_request: 'asked', 'latency.total': 'took' },
        constants: { site: 'here' },
      },
      meta: { csv_dir: '{dir}/csv-fields' },
    }),
    fileSink('file', { type: 'file', meta: { path: '{dir}/file/it.ndjson' } }, { whole: 'lines' }),
    fileSink('har', { type: 'har', meta: { folder: '{dir}/har' } }),
    trafficSink(),
    // It keeps what values are like, and none of them.
    fileSink('model', { type: 'model', meta: { path: '{dir}/model/it.json' } }, { kinds: [] }),
    {
      name: 'stdout',
      pump: {
        type: 'stdout',
        raw_request_decoded: true,
        raw_response_decoded: true,
        meta: { format: 'json' },
      },
      sent: async (dir) => [await readFile(path.join(dir, 'stdout.log'))],
      stop: nothing,
    },
    await httpSink('http', ok, (url) => ({ type: 'http', meta: { url, gzip: true } }), {
      whole: 'lines',
    }),
    await httpSink(
      'loki',
      () => ({ status: 204 }),
      (url) => ({
        type: 'http',
        meta: { url, preset: 'loki', labels: { api_id: '{{api_id}}', alias: '{{alias}}' } },
      }),
    ),
    await refusing(true),
    await refusing(false),
    await httpSink('elasticsearch', elasticsearch, (elasticsearch_url) => ({
      type: 'elasticsearch',
      meta: { elasticsearch_url, extended_stats: true },
    })),
    await httpSink('elasticsearch-decoded', elasticsearch, (elasticsearch_url) => ({
      type: 'elasticsearch',
      meta: { elasticsearch_url, extended_stats: true, decode_base64: true },
    })),
    await httpSink('splunk', collector({ token: 'the-collector', events: stored }), (url) => ({
      type: 'splunk',
      meta: {
        ...{ collector_token: 'the-collector', collector_url: url, enable_batch: true },
        fields: [...names, 'host', 'raw_path', 'user_agent', 'geo', 'network', 'tags', 'alias'],
      },
    })),
    await httpSink(
      'influx',
      () => ({ status: 204 }),
      (address) => ({
        type: 'influx',
        meta: {
          address,
          database_name: 'd',
          fields: names,
          tags: [...names.slice(0, 10), ...groups],
        },
      }),
    ),
    await httpSink(
      'influx2',
      influx2Api({
        ...{ token: 't', organization: 'o', buckets },
        store: () => ({ status: 204, body: '' }),
      }),
      (address) => ({
        type: 'influx2',
        meta: {
          ...{ address, token: 't', organization: 'o', bucket: 'b' },
          ...{ fields: [...names, ...groups], tags: [...names.slice(0, 10), ...groups] },
        },
      }),
    ),
    await httpSink(
      'clickhouse',
      (request) => clickhouse.answer(request),
      (url) => ({ type: 'clickhouse', meta: { url } }),
      { whole: 'lines' },
    ),
    await otlpSink('otlp', {
      fields: { include: ['*', ...otlpFields] },
      meta: { gzip: true },
    }),
    await otlpSink('otlp-document', { meta: { protocol: 'grpc', body: 'document' } }),
    await otlpSink('otlp-metrics', {
      meta: { signal: 'metrics', metric_attributes: attributeNames },
    }),
    await httpSink('s3', (request) => s3.answer(request), s3Pump(), { whole: 'lines' }),
    await s3ParquetSink(),
    await tcpSink('statsd', (address) => ({
      type: 'statsd',
      meta: { address, fields: ['request_time'], tags: [...names, ...groups] },
    })),
    await udpSink('dogstatsd', (address) => ({
      type: 'dogstatsd',
      meta: {
        address,
        tags: [...names, ...groups].filter((name) => !/^(?:raw|time|ip)_/.test(name)),
      },
    })),
    await udpSink('syslog', (network_addr) => ({ type: 'syslog', meta: { network_addr } })),
    await tcpSink('syslog-json', (address) => ({
      type: 'syslog',
      meta: { transport: 'tcp', network_addr: address.slice(6), format: 'json' },
    })),
    await tcpSink('syslog-rfc5424', (address) => ({
      type: 'syslog',
      meta: { transport: 'tcp', network_addr: address.slice(6), format: 'rfc5424' },
    })),
    await prometheusSink(),
    sqliteSink('sql', { whole: 'parts', kinds: ['call', 'graph'] }),
    sqliteSink('sql_aggregate', { kinds: ['call'] }),
    sqliteSink('sql-graph', { kinds: ['graph'] }),
    sqliteSink('sql-graph-aggregate', { kinds: ['graph'] }),
    sqliteSink('sql-mcp', { kinds: ['mcp'] }),
    sqliteSink('sql-mcp-aggregate', { kinds: ['mcp'] }),
    sqliteSink('uptime-sql', { kinds: ['uptime'], whole: 'lines' }, { uptime_type: 'sql' }),
  ];
}
