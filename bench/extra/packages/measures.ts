import { createSocket } from 'node:dgram';
import http from 'node:http';
import { Client } from '@elastic/elasticsearch';
import { Transport, UndiciConnection, WeightedConnectionPool } from '@elastic/transport';
import convict from 'convict';
import { StatsD } from 'hot-shots';
import { InfluxDB } from 'influx';
import { Redis } from 'ioredis';
import { Counter, Histogram, Registry } from 'prom-client';
import { Pool } from 'undici';
import { aContext, aPreparedPump } from '#pump/testing';
import { findPump } from '../../../pumps/index.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { ByteWriter } from '../../../src/lib/byte-writer.ts';
import { millis } from '../../../src/lib/units.ts';
import { Batch, recordIdOf } from '../../../src/pump/batch.ts';
import { encodeMsgpack } from '../../../src/record/encode/msgpack.ts';
import { msgpackDecoder } from '../../../src/record/msgpack/decoder.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { callOf, inOneBuffer } from '../../micro/records.ts';

/** Something to be done once; the figure is for one of `per`. What it returns is printed. */
interface Measure {
  readonly per: number;
  work(): Promise<string | undefined>;
}

type Measures = Readonly<Record<string, (server: string) => Promise<Measure> | Measure>>;

/** In these lines a figure is for 100,000 records. */
const [batches, perBatch] = [100, 1_000];
const perHundredThousand = (batches * perBatch) / 100_000;

const within = (): AbortSignal => AbortSignal.timeout(60_000);

async function repeat(times: number, work: (at: number) => unknown): Promise<undefined> {
  for (let at = 0; at < times; at++) await work(at);
  return undefined;
}

/** Batches of records as they come from Redis. */
function recordBatch(): Batch {
  const raw = Array.from({ length: perBatch }, (_, index) => encodeMsgpack(callOf(index)));
  const chunk = msgpackDecoder.decode(inOneBuffer(raw));
  const entries = raw.flatMap((_, index) => {
    const record = chunk.record(index);
    return record === undefined
      ? []
      : [{ segment: '1', index, id: recordIdOf('1', index), record }];
  });
  return Batch.of(entries);
}

/** A pump of ours over ready batches, decoding left out, encoding not. */
async function ours(type: string, meta: object): Promise<Measure> {
  const found = await findPump(type);
  if (found.outcome !== 'found') throw new Error(`no pump ${type}`);
  const sink = await aPreparedPump(found.pump, meta).open(aContext(), within());
  const batch = recordBatch();
  await sink.deliver(batch, within());
  return {
    per: perHundredThousand,
    work: () => repeat(batches, () => sink.deliver(batch, within())),
  };
}

/** One request after another with a body of this size. */
const requests = {
  '10 KB': [10_000, 20_000],
  '1 MB': [1_000_000, 300],
  '5 MB': [5_000_000, 60],
} as const;

function httpMeasures(): Measures {
  const made: Record<string, Measures[string]> = {};
  for (const [size, [bytes, times]] of Object.entries(requests)) {
    const body = Buffer.alloc(bytes, 'x');
    made[`http: a request of ${size}, node:http`] = async (server) => {
      const agent = new http.Agent({ keepAlive: true });
      const send = () =>
        new Promise<void>((resolve, reject) => {
          const request = http.request(`${server}/`, { method: 'POST', agent }, (answer) => {
            answer.resume().on('end', () => resolve());
          });
          request.on('error', reject).end(body);
        });
      await repeat(times / 10, send);
      return { per: times, work: () => repeat(times, send) };
    };
    made[`http: a request of ${size}, undici Pool`] = async (server) => {
      const pool = new Pool(server);
      const send = async () => {
        const answer = await pool.request({ method: 'POST', path: '/', body });
        await answer.body.arrayBuffer();
      };
      await repeat(times / 10, send);
      return { per: times, work: () => repeat(times, send) };
    };
    made[`http: a request of ${size}, fetch`] = async (server) => {
      const send = async () => {
        const answer = await fetch(server, { method: 'POST', body });
        await answer.arrayBuffer();
      };
      await repeat(times / 10, send);
      return { per: times, work: () => repeat(times, send) };
    };
  }
  return made;
}

/** A document of 1 KB, and a bulk request of them, as text and ready. */
const document = JSON.parse(JSON.stringify({ ...callOf(1), filler: 'x'.repeat(200) })) as Readonly<
  Record<string, unknown>
>;
const documents = Array.from({ length: perBatch }, (_, id) => ({ ...document, id }));
const bulkText = Buffer.from(
  documents.map((each) => `{"create":{"_index":"i"}}\n${JSON.stringify(each)}\n`).join(''),
);

const elasticsearch: Measures = {
  'elasticsearch: 100,000 documents, client.bulk of objects': (server) => {
    const client = new Client({ node: server, maxRetries: 0 });
    const operations = documents.flatMap((each) => [{ create: { _index: 'i' } }, each]);
    return {
      per: perHundredThousand,
      work: () => repeat(batches, () => client.bulk({ operations })),
    };
  },
  'elasticsearch: 100,000 documents, helpers.bulk of objects': (server) => {
    const client = new Client({ node: server, maxRetries: 0 });
    const all = Array.from({ length: batches }, () => documents).flat();
    const onDocument = () => ({ create: { _index: 'i' } });
    return {
      per: perHundredThousand,
      work: () => client.helpers.bulk({ datasource: all, onDocument }).then(() => undefined),
    };
  },
  'elasticsearch: 100,000 documents, transport with a ready Buffer': (server) => {
    const connectionPool = new WeightedConnectionPool({ Connection: UndiciConnection });
    connectionPool.addConnection(server);
    const transport = new Transport({ connectionPool, maxRetries: 0 });
    const request = { method: 'POST', path: '/_bulk', bulkBody: bulkText };
    return {
      per: perHundredThousand,
      work: () => repeat(batches, () => transport.request(request)),
    };
  },
  'elasticsearch: 100,000 records, our pump': (server) =>
    ours('elasticsearch', { elasticsearch_url: server, index_name: 'i', version: '7' }),
  'elasticsearch: the client and a server that names no product': (server) => {
    const client = new Client({ node: `${server}/other`, maxRetries: 0 });
    const operations = [{ create: { _index: 'i' } }, document];
    return {
      per: 1,
      work: () =>
        client.bulk({ operations }).then(
          () => 'is content',
          (error: unknown) => (error instanceof Error ? error.name : 'an error'),
        ),
    };
  },
};

const influx: Measures = {
  'influx: 100,000 points, influx of objects': (server) => {
    const { port } = new URL(server);
    const client = new InfluxDB({ host: '127.0.0.1', port: Number(port), database: 'd' });
    const points = documents.map((_, at) => ({
      measurement: 'm',
      tags: { api: `a ${at % 7}`, code: '200', method: 'GET', org: 'o', path: `/p/${at}` },
      fields: { request_time: at, total: at, upstream: at, user_agent: 'an agent, of some kind' },
      timestamp: new Date(1_760_000_000_000 + at),
    }));
    return {
      per: perHundredThousand,
      work: () => repeat(batches, () => client.writePoints(points)),
    };
  },
  'influx: 100,000 records, our pump': (server) =>
    ours('influx', {
      ...{ database_name: 'd', address: server },
      fields: ['request_time', 'path', 'user_agent', 'ip_address'],
      tags: ['api_name', 'response_code', 'method', 'org_id', 'api_version'],
    }),
  'influx: what one write becomes where the server answers 503': async (server) => {
    const { port } = new URL(server);
    await fetch(`${server}/forget`);
    const hosts = [1, 2].map(() => ({ host: '127.0.0.1', port: Number(port), path: '/failing' }));
    const client = new InfluxDB({ hosts, database: 'd' });
    return {
      per: 1,
      async work() {
        const failed = await client.writePoints([{ measurement: 'm', fields: { x: 1 } }]).then(
          () => 'no error',
          () => 'an error',
        );
        const asked = await (await fetch(`${server}/asked`)).text();
        return `${asked} requests, ${failed}`;
      },
    };
  },
};

const metrics: Measures = {
  'prom-client: 100,000 calls, a counter and a histogram with two labels': () => {
    const registers = [new Registry()];
    const labelNames = ['api', 'code'];
    const counter = new Counter({ name: 'a_total', help: 'a', labelNames, registers });
    const histogram = new Histogram({ name: 'b', help: 'b', labelNames, registers });
    const count = (at: number): void => {
      const labels = { api: `api ${at % 100}`, code: '200' };
      counter.inc(labels);
      histogram.observe(labels, at % 300);
    };
    return { per: 1, work: () => repeat(100_000, count) };
  },
  'prom-client: two series whose labels hold commas': () => ({
    per: 1,
    async work() {
      const registers = [new Registry()];
      const counter = new Counter({
        name: 'c_total',
        help: 'c',
        labelNames: ['a', 'b'],
        registers,
      });
      counter.inc({ a: '1,b:2', b: '3' });
      counter.inc({ a: '1', b: '2,b:3' });
      const { values } = await counter.get();
      return `${values.length} series: ${values.map(({ value }) => value).join(' and ')}`;
    },
  }),
  'prometheus: 100,000 records, our pump with all its metrics': () =>
    ours('prometheus', { listen_address: '127.0.0.1:0', path: '/metrics' }),
};

/** A port where nobody listens would refuse; this one takes and forgets, in this process, at little cost. */
async function deafPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  return socket.address().port;
}

const statsd: Measures = {
  'hot-shots: 100,000 timings with three tags, buffered': async () => {
    const port = await deafPort();
    const client = new StatsD({ host: '127.0.0.1', port, maxBufferSize: 1432 });
    const tags = { api: 'orders', code: '200', method: 'GET' };
    return {
      per: 1,
      async work() {
        for (let at = 0; at < 100_000; at++) {
          client.timing('request_time', at % 300, 1, tags);
          // A loop that never rests would only fill the socket's queue.
          if (at % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await new Promise<void>((resolve) => {
          client.close(() => resolve());
        });
        return undefined;
      },
    };
  },
  'dogstatsd: 100,000 records, our pump': async () =>
    ours('dogstatsd', { address: `127.0.0.1:${await deafPort()}`, buffered: true }),
};

/** Half text, half noise, as records are. */
const packed = Buffer.concat(
  Array.from({ length: 1_000 }, (_, index) => encodeMsgpack(callOf(index))),
).subarray(0, 1_000_000);

const codecs: Measures = {
  'wasm-utils: a batch of 1 MB, snappy': async () => {
    const { snappyCompress } = await import('@platformatic/wasm-utils/bundled');
    return { per: 300, work: () => repeat(300, () => snappyCompress(packed)) };
  },
  'wasm-utils: a batch of 1 MB, lz4': async () => {
    const { lz4Compress } = await import('@platformatic/wasm-utils/bundled');
    return { per: 300, work: () => repeat(300, () => lz4Compress(packed)) };
  },
  'snappy: a batch of 1 MB': async () => {
    const { compress } = await import('snappy');
    return { per: 300, work: () => repeat(300, () => compress(packed)) };
  },
  'lz4-napi: a batch of 1 MB': async () => {
    const { compressFrame } = await import('lz4-napi');
    return { per: 300, work: () => repeat(300, () => compressFrame(packed)) };
  },
  'node:zlib, gzip: a batch of 1 MB': async () => {
    const { gzip } = await import('node:zlib');
    const { promisify } = await import('node:util');
    return { per: 100, work: () => repeat(100, () => promisify(gzip)(packed)) };
  },
};

/** What OpenTelemetry's SDK has in memory of such a record: 15 attributes. */
const readyLog = (index: number): unknown => {
  const call = callOf(index);
  const time: [number, number] = [1_760_000_000, index];
  return {
    ...{ resource: otlpResource, instrumentationScope: otlpScope, droppedAttributesCount: 0 },
    ...{ hrTime: time, hrTimeObserved: time, severityNumber: 9, severityText: 'INFO' },
    body: [call.method, call.path, call.response_code].join(' '),
    attributes: {
      'http.request.method': call.method,
      'url.path': call.path,
      'http.response.status_code': call.response_code,
      'http.request.body.size': call.content_length,
      'server.address': call.host,
      'client.address': call.ip_address,
      'user_agent.original': call.user_agent,
      'tyk.api.id': call.api_id,
      'tyk.api.name': call.api_name,
      'tyk.api.version': call.api_version,
      'tyk.org.id': call.org_id,
      'tyk.api.key': call.api_key,
      'tyk.alias': call.alias,
      'tyk.tags': call.tags,
      'tyk.request_time': call.request_time,
    },
  };
};
const otlpResource = { attributes: { 'service.name': 'tyk-gateway' } };
const otlpScope = { name: 'sluice' };

const otlp: Measures = {
  'otlp: 100,000 log records, otlp-transformer of ready objects': async () => {
    const { ProtobufLogsSerializer } = await import('@opentelemetry/otlp-transformer');
    const logs = Array.from({ length: perBatch }, (_, index) => readyLog(index)) as Parameters<
      typeof ProtobufLogsSerializer.serializeRequest
    >[0];
    const serialize = () => ProtobufLogsSerializer.serializeRequest(logs);
    serialize();
    return { per: perHundredThousand, work: () => repeat(batches, serialize) };
  },
  'otlp: 100,000 records as logs, our encoder': async () => {
    const { logsEncoder } = await import('../../../pumps/otlp/logs/encode.ts');
    const { attributesShape } = await import('../../../pumps/otlp/logs/document.ts');
    const { envelopeOf } = await import('../../../pumps/otlp/envelope.ts');
    const envelope = envelopeOf(otlpResource.attributes);
    const encode = logsEncoder({ body: 'line', document: attributesShape, envelope });
    const [batch, out] = [recordBatch(), new ByteWriter()];
    const once = () => {
      out.clear();
      encode(batch, millis(0), out);
    };
    once();
    return { per: perHundredThousand, work: () => repeat(batches, once) };
  },
  'otlp: 100,000 records as logs, our pump': (server) => ours('otlp', { url: server }),
  'otlp: 100,000 records as metrics, our pump': (server) =>
    ours('otlp', { url: server, signal: 'metrics' }),
};

const configuration: Measures = {
  'convict: what it makes of the texts "0", "81abc" and " b"': () => ({
    per: 1,
    work() {
      const env = { FLAG: '0', PORT: '81abc', LIST: 'a, b' };
      const made = convict(
        {
          flag: { format: Boolean, default: true, env: 'FLAG' },
          port: { format: 'int', default: 1, env: 'PORT' },
          list: { format: Array, default: [] as string[], env: 'LIST' },
        },
        { args: [], env },
      );
      return Promise.resolve(JSON.stringify(made.getProperties()));
    },
  }),
  'convict: reading config/example.json, every pump checked': async () => {
    const { readFile } = await import('node:fs/promises');
    const { pumpTypes } = await import('../../../pumps/index.ts');
    const read = (path: string) => readFile(path, 'utf8');
    const load = () =>
      loadConfig({ path: 'config/example.json', env: {}, readFile: read, types: pumpTypes });
    return { per: 50, work: () => repeat(50, load) };
  },
};

const redis: Measures = {
  'ioredis: 100,000 records of 1 KB by LRANGE, 500 each': async () => {
    const server = await startRedis();
    const client = new Redis(server.port, server.host);
    const elements = Array.from({ length: 500 }, (_, index) => encodeMsgpack(callOf(index)));
    await client.rpush('k', ...elements.map((each) => Buffer.from(each)));
    const [script, keys] = [() => client.lrangeBuffer('k', 0, -1), 200];
    await script();
    return {
      per: 1,
      async work() {
        for (let at = 0; at < keys; at++) await script();
        client.disconnect();
        await server.stop();
        return undefined;
      },
    };
  },
};

export const measures: Measures = {
  ...httpMeasures(),
  ...elasticsearch,
  ...influx,
  ...metrics,
  ...statsd,
  ...codecs,
  ...otlp,
  ...configuration,
  ...redis,
};
