import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  failureOf,
  outcomesOf,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { type ElasticsearchServer, startElasticsearch } from '../../test/services/elasticsearch.ts';
import { needElasticsearch } from '../../test/services/elasticsearch-build.ts';
import { startOutage } from '../../test/services/outage.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import elasticsearch from './index.ts';

const flavours = [
  'elasticsearch8',
  'elasticsearch7',
  'elasticsearch6',
  'elasticsearch5',
  'opensearch',
] as const;

/** The default of `document_type`, where the server has types. */
const mappingType = 'tyk_analytics';

const obstacle = await whyUnavailable(() => needElasticsearch('elasticsearch8'));

describe.skipIf(obstacle !== undefined).each(flavours)('with %s', (flavour) => {
  const isTyped = flavour === 'elasticsearch6' || flavour === 'elasticsearch5';
  let server: ElasticsearchServer;
  let indices = 0;

  beforeAll(async () => {
    server = await startElasticsearch({ flavour });
  });
  afterAll(() => server.stop());

  const anIndex = (): string => `calls${(indices += 1)}`;

  const deliver = (meta: object, batch: Batch) =>
    deliverOnce(aPreparedPump(elasticsearch, { elasticsearch_url: server.url, ...meta }), batch);

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  }

  /** Makes an index whose documents have these fields. */
  const create = (index: string, properties: object): Promise<unknown> =>
    ask('PUT', `/${index}`, {
      mappings: isTyped ? { [mappingType]: { properties } } : { properties },
    });

  /** What the index holds, by id. */
  async function stored(index: string): Promise<Readonly<Record<string, unknown>>> {
    await ask('POST', `/${index}/_refresh`);
    const found = (await ask('POST', `/${index}/_search`, { size: 10_000 })) as {
      hits: { hits: readonly { _id: string; _source: unknown }[] };
    };
    return Object.fromEntries(found.hits.hits.map(({ _id, _source }) => [_id, _source]));
  }

  sinkContract(vitest, flavour, () =>
    aProxiedHarness(server, { index: anIndex(), create, stored }),
  );

  it('stores each record under its id, as it was', async () => {
    const index_name = anIndex();
    const batch = aBatch(
      3,
      (at) => ({ path: `/${at}`, alias: 'ünïcode "quoted"', tags: ['a'] }),
      's',
    );

    const verdicts = await deliver({ index_name }, batch);

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await stored(index_name)).toMatchObject({
      's:0': { request_uri: '/0', alias: 'ünïcode "quoted"', tags: ['a'], response_code: 200 },
      's:1': { request_uri: '/1' },
      's:2': { request_uri: '/2' },
    });
  });

  it.each([
    ['in bulk', {}],
    ['one by one', { disable_bulk: true }],
    ['compressed', { gzip: true }],
    ['compressed, one by one', { gzip: true, disable_bulk: true }],
    ['with sniffing', { use_sniffing: true }],
    ['in small parts', { bulk_config: { bulk_size: 1_000 } }],
  ])('stores a batch that comes twice once, %s', async (_, meta) => {
    const index_name = anIndex();
    const batch = aBatch(25);

    const first = await deliver({ index_name, ...meta }, batch);
    const second = await deliver({ index_name, ...meta }, batch);

    expect(new Set(outcomesOf([...first, ...second]))).toEqual(new Set(['delivered']));
    expect(Object.keys(await stored(index_name)).toSorted()).toEqual(
      batch.entries.map(({ id }) => String(id)).toSorted(),
    );
  });

  it.each([
    ['tyk_hex', {}],
    ['tyk_hex', { disable_bulk: true }],
    ['none', {}],
    ['tyk', {}],
  ])('stores every record with ids of the scheme %s, %j', async (document_id, meta) => {
    const index_name = anIndex();

    const verdicts = await deliver(
      { index_name, document_id, ...meta },
      aBatch(5, (at) => ({ path: `/${at}` })),
    );

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
    expect(Object.keys(await stored(index_name))).toHaveLength(5);
  });

  it('keeps what a blocked index refuses, and stores it when the block is gone', async () => {
    const index_name = anIndex();
    await ask('PUT', `/${index_name}`);
    await ask('PUT', `/${index_name}/_settings`, { 'index.blocks.write': true });
    const batch = aBatch(2);

    const whileBlocked = await deliver({ index_name }, batch);
    await ask('PUT', `/${index_name}/_settings`, { 'index.blocks.write': false });
    const afterwards = await deliver({ index_name }, batch);

    expect(outcomesOf(whileBlocked)).toEqual(['retry', 'retry']);
    expect(failureOf(whileBlocked[0]).message).toContain('cluster_block_exception');
    expect(outcomesOf(afterwards)).toEqual(['delivered', 'delivered']);
  });

  it('rejects what does not fit the mapping, without the value in the reason', async () => {
    const index_name = anIndex();
    await create(index_name, { ip_address: { type: 'ip' } });

    const verdicts = await deliver(
      { index_name },
      aBatch(3, (at) => (at === 1 ? { ip_address: 'hidden' } : {})),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'reject', 'delivered']);
    expect(failureOf(verdicts[1]).message).toMatch(/failed to parse (field )?\[ip_address\]/);
    expect(failureOf(verdicts[1]).message).not.toContain('hidden');
  });

  it.each([
    ['a version that is not the server’s', { version: isTyped ? '7' : '6' }],
    ['a pipeline that is not there', { pipeline: 'nowhere' }],
    ['a name no index can have', { index_name: 'UPPER' }],
  ])('keeps the records where the configuration is wrong: %s', async (_, meta) => {
    const index_name = anIndex();
    await create(index_name, { alias: { type: 'text' } });

    const verdicts = await deliver({ index_name, ...meta }, aBatch(2));

    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry']);
  });

  it.each([
    ['in bulk', {}],
    ['one by one', { disable_bulk: true }],
  ])('rolls by the record’s own day, %s', async (_, meta) => {
    const index_name = anIndex();
    const seconds = new Date(2023, 11, 31, 12).getTime() / 1000;

    await deliver(
      { index_name, rolling_index: true, rolling_by: 'record', ...meta },
      aBatch(1, { timestamp: { seconds } }, 's'),
    );

    expect(Object.keys(await stored(`${index_name}-2023.12.31`))).toEqual(['s:0']);
  });

  it('creates the index template once, with mappings that suit Kibana', async () => {
    const index_name = anIndex();
    const meta = { index_name, index_template: `${index_name}-template` };

    await deliver(meta, aBatch(1, { ip_address: '' }));
    const again = await deliver(meta, aBatch(1));

    expect(outcomesOf(again)).toEqual(['delivered']);
    const mapping = {
      properties: {
        '@timestamp': { type: 'date' },
        api_id: { type: 'keyword' },
        ip_address: { type: 'ip' },
        request_time_ms: { type: 'long' },
        response_code: { type: 'integer' },
      },
    };
    expect(await ask('GET', `/${index_name}/_mapping`)).toMatchObject({
      [index_name]: { mappings: isTyped ? { [mappingType]: mapping } : mapping },
    });
  });

  it('makes the template for the index of MCP records too', async () => {
    const index_name = anIndex();
    const mcp_index_name = `${index_name}-mcp`;
    const meta = { index_name, mcp_index_name, index_template: index_name };

    const verdicts = await deliver(
      meta,
      aBatch(2, (at) => ({ mcp_stats: { is_mcp: at === 1, method: 'tools/call' } })),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
    for (const index of [index_name, mcp_index_name])
      expect(JSON.stringify(await ask('GET', `/${index}/_mapping`))).toContain(
        '"request_uri_full":{"type":"keyword","ignore_above":8191}',
      );
  });

  describe.skipIf(!isTyped)('which has mapping types', () => {
    it.each([
      ['in bulk', {}],
      ['one by one', { disable_bulk: true }],
    ])('stores documents of the type that is configured, %s', async (_, how) => {
      const index_name = anIndex();
      const meta = { index_name, document_type: 'call', version: '6', ...how };

      const verdicts = await deliver(meta, aBatch(2));

      expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
      expect(await ask('GET', `/${index_name}/_mapping`)).toMatchObject({
        [index_name]: { mappings: { call: { properties: { api_id: {} } } } },
      });
    });

    it.each([',', '#', '.first'])(
      'keeps the records where no type may have the name %s',
      async (document_type) => {
        const verdicts = await deliver({ index_name: anIndex(), document_type }, aBatch(2));

        expect(outcomesOf(verdicts)).toEqual(['retry', 'retry']);
        expect(failureOf(verdicts[0]).message).toContain('mapping type name');
      },
    );
  });

  // The published jars of version 7 come without data streams; before, there were none.
  it.skipIf(isTyped || flavour === 'elasticsearch7').each(['record', 'none'])(
    'writes to a data stream with ids of the scheme %s',
    async (document_id) => {
      const index_name = anIndex();
      const meta = { index_name, document_id, data_stream: true, index_template: index_name };
      const batch = aBatch(2);

      await deliver(meta, batch);
      const again = await deliver(meta, batch);

      expect(outcomesOf(again)).toEqual(['delivered', 'delivered']);
      expect(Object.keys(await stored(index_name))).toHaveLength(document_id === 'none' ? 4 : 2);
    },
  );
});

it('the real servers are there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

interface Reach {
  readonly index: string;
  readonly create: (index: string, properties: object) => Promise<unknown>;
  readonly stored: (index: string) => Promise<Readonly<Record<string, unknown>>>;
}

/** A server behind a proxy, which can go away, come back and hang. */
async function aProxiedHarness(
  server: ElasticsearchServer,
  { index, create, stored }: Reach,
): Promise<SinkHarness> {
  await create(index, { ip_address: { type: 'ip' } });
  const { port, ...outage } = await startOutage(server.port);
  return {
    pump: aPreparedPump(elasticsearch, {
      index_name: index,
      elasticsearch_url: `http://user:live-password@127.0.0.1:${port}`,
    }),
    secrets: ['live-password'],
    poison: { ip_address: 'no address' },
    received: async () =>
      Object.values(await stored(index)).map((document) => JSON.stringify(document)),
    ...outage,
  };
}
