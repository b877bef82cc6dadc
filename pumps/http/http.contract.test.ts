import { gunzipSync } from 'node:zlib';
import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, FakeHttpServer, type SinkHarness, sinkContract } from '#pump/testing';
import http from './index.ts';

describe.each([
  ['lines', {}],
  ['an array', { format: 'json', gzip: true }],
  ['one by one', { format: 'single', body: '{"path":"{{path}}","api_id":{{api_id}}}' }],
  ['small requests', { format: 'json', batch_records: 7, batch_bytes: '8KiB' }],
  ['streams of Loki', { preset: 'loki' }],
])('sending %s', (_, meta) => {
  sinkContract(vitest, 'http', () => aServerHarness(meta));
});

/** Each record has an address of its own; the fields of the suite's records stay within it. */
describe('to an address of its own for each record', () => {
  sinkContract(vitest, 'http', () => aServerHarness({}, '/in/{{path}}'));
});

async function aServerHarness(meta: object, path = ''): Promise<SinkHarness> {
  const texts: string[] = [];
  const server = await FakeHttpServer.start(({ method, headers, body }) => {
    if (headers['authorization'] !== 'Bearer contract-token') return { status: 401 };
    if (method === 'HEAD') return { status: 204 };
    const sent = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const text = sent.toString('utf8');
    // It refuses the whole request for one record, and does not say which.
    if (text.includes('poison')) return { status: 422 };
    // Each copy of each record once, however many stand in one text.
    texts.push(...text.split(/(?=\/contract-)/));
    return { status: 204 };
  });
  const url = server.url + path;
  return {
    pump: aPreparedPump(http, { url, token: 'contract-token', ...meta }),
    secrets: ['contract-token'],
    poison: { api_id: 'poison' },
    ...(isWhole(meta, path) ? { refuses: 'request' } : {}),
    received: () => Promise.resolve(copies(texts)),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

/** One request for the three records of the suite's batches. */
const isWhole = (meta: object, path: string): boolean =>
  path === '' && !('format' in meta && meta.format === 'single');

/** A document may have its path more than once. */
function copies(texts: readonly string[]): readonly string[] {
  return texts.filter((text, at) => markOf(text) !== markOf(texts[at - 1]));
}

const markOf = (text: string | undefined): string | undefined =>
  /\/contract-[0-9a-z]+-\d+-\d+-/.exec(text ?? '')?.[0];
