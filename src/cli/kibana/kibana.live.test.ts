/** The command against real servers: what the pump writes there must answer every panel. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../../pumps/index.ts';
import {
  type ElasticsearchServer,
  startElasticsearch,
} from '../../../test/services/elasticsearch.ts';
import { needElasticsearch } from '../../../test/services/elasticsearch-build.ts';
import { whyUnavailable } from '../../../test/services/process.ts';
import { loadConfig } from '../../config/load.ts';
import { memberOf } from '../../operate/kibana/server.ts';
import { checkPumps } from '../../pump/check-pumps.ts';
import { documentRulesOf } from '../../pump/document.ts';
import { aBatch, aContext, deliverOnce, outcomesOf } from '../../pump/testing/index.ts';
import { type FileObject, panelQuery, searchBody, usedFields } from './panel-queries.testing.ts';
import { aPumpFile, type Ran, runKibana } from './testing.ts';

const obstacle = await whyUnavailable(() => needElasticsearch('elasticsearch8'));

it('the real servers are there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** Everything a panel could ask for, and the place as a point. */
const fields = {
  include: [
    '*',
    'path_template',
    'network',
    'latency',
    'geo.country',
    'geo.location.latitude',
    'geo.location.longitude',
  ],
  rename: { 'geo.location.latitude': 'lat', 'geo.location.longitude': 'lon', alias: 'who' },
};

describe.skipIf(obstacle !== undefined).each(['elasticsearch8', 'opensearch'] as const)(
  'with %s',
  (flavour) => {
    let server: ElasticsearchServer;
    const isOpenSearch = flavour === 'opensearch';
    const product = isOpenSearch ? ' --opensearch' : '';

    beforeAll(async () => {
      server = await startElasticsearch({ flavour });
    });
    afterAll(() => server.stop());

    async function ask(method: string, path: string, body?: object): Promise<unknown> {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return response.json();
    }

    const fileOf = (meta: object, entry: object = {}): string =>
      aPumpFile({ elasticsearch_url: server.url, extended_stats: true, ...meta }, entry);

    const run = (line: string, file: string): Promise<Ran> =>
      runKibana(line.split(' '), {
        pumps: { findPump, pumpTypes },
        files: { 'pump.conf': file },
      });

    /** Sends calls of all kinds through the pump of the file. */
    async function send(file: string): Promise<void> {
      const loaded = await loadConfig({
        path: 'pump.conf',
        env: {},
        readFile: () => Promise.resolve(file),
        types: pumpTypes,
      });
      const { usable } = await checkPumps(loaded.pumps, findPump);
      const [checked] = usable;
      if (checked === undefined) throw new Error('There is no pump.');
      const batch = aBatch(60, (at) => ({
        method: at % 2 === 0 ? 'GET' : 'POST',
        path: `/pets/${at % 5}`,
        raw_path: `/v1/pets/${at % 5}`,
        response_code: [200, 301, 404, 503][at % 4] ?? 200,
        request_time: at * 50,
        content_length: at * 100,
        api_name: `API ${at % 3}`,
        api_version: `v${at % 2}`,
        api_key: `key-${at % 4}`,
        alias: `alias-${at % 3}`,
        user_agent: 'curl/8.0',
        // No address, and a path that no field would hold.
        ip_address: at === 7 ? '' : '10.0.0.1',
        ...(at === 8 ? { path: `/${'x'.repeat(40_000)}` } : {}),
        timestamp: { seconds: Math.floor(Date.now() / 1000) - at * 60 },
        geo: { country: { iso_code: 'DE' }, location: { latitude: 52.5, longitude: 13.4 } },
        network: { bytes_out: at * 10 + 1 },
        latency: { total: at, upstream: at },
        path_template: '/pets/{id}',
      }));
      const context = aContext({ documents: documentRulesOf(checked.entry.rules) });
      const verdicts = await deliverOnce(checked.pump, batch, context);
      expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
    }

    const objectsOf = ({ out }: Ran): readonly FileObject[] =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as FileObject);

    /** Of each field that the objects ask for, whether it can be grouped by; and what each panel's query gives. */
    async function expectAnswers(objects: readonly FileObject[], indices: string): Promise<void> {
      await ask('POST', `/${indices}/_refresh`);
      const known = await ask('GET', `/${indices}/_field_caps?fields=*`);
      for (const object of objects)
        for (const field of usedFields(object)) {
          const types = Object.values(memberOf(known, 'fields', field) ?? {});
          expect(types, `${object.id}: ${field}`).toHaveLength(1);
          expect(types[0], `${object.id}: ${field}`).toMatchObject({
            aggregatable: true,
            searchable: true,
          });
        }
      const asked = objects.flatMap((object) => {
        // Its grids of places are a module that is not among the published jars; the field was looked at above.
        if (isOpenSearch && object.id === 'sluice-map') return [];
        const query = panelQuery(object);
        const body = object.type === 'search' ? searchBody(object) : query?.body;
        return body === undefined ? [] : [{ id: object.id, body, query }];
      });
      const answers = await askAll(
        indices,
        asked.map(({ body }) => body),
      );
      for (const [at, { id, query }] of asked.entries()) {
        const answer = answers[at];
        if (query === undefined) {
          expect(memberOf(answer, 'hits', 'hits'), id).toHaveLength(1);
          continue;
        }
        const finest = finestOf(memberOf(answer, 'aggregations'), query.depth);
        expect(finest.length, `${id}: ${JSON.stringify(answer)}`).toBeGreaterThan(0);
        for (const metric of query.metrics)
          expect(
            finest.some((bucket) => isMeasured(memberOf(bucket, metric))),
            `${id}.${metric}`,
          ).toBe(true);
      }
    }

    /** All at once. */
    async function askAll(indices: string, bodies: readonly object[]): Promise<readonly unknown[]> {
      const response = await fetch(`${server.url}/${indices}/_msearch`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: bodies.map((body) => `{}\n${JSON.stringify(body)}\n`).join(''),
      });
      const { responses } = (await response.json()) as { readonly responses: readonly unknown[] };
      return responses;
    }

    it('every panel and every search has an answer in what the pump writes, with the template', async () => {
      const index_name = 'calls';
      const file = fileOf(
        { index_name, rolling_index: true },
        { fields, enrich: { path_template: true } },
      );
      const installed = await run('template --pump es --json', file);
      expect(installed.err).toBe('');
      expect(JSON.parse(installed.out)).toMatchObject({
        ok: true,
        notes: [expect.stringMatching(/^Nothing is ever deleted/)],
        product: isOpenSearch ? 'opensearch' : 'elasticsearch',
      });
      expect(installed.code).toBe(0);
      await send(file);
      for (const kind of isOpenSearch ? [' --opensearch'] : ['', ' --opensearch']) {
        const objects = objectsOf(await run(`show --pump es${kind}`, file));
        expect(objects.map(({ id }) => id)).toEqual(
          expect.arrayContaining([
            'sluice-map',
            'sluice-response-sizes',
            'sluice-upstream',
            'sluice-path-templates',
          ]),
        );
        expect(objects[0]?.attributes['title']).toBe('calls-*');
        await expectAnswers(objects, 'calls-*');
      }
      const caps = await ask(
        'GET',
        '/calls-*/_field_caps?fields=geo.location,ip_address,@timestamp,who',
      );
      expect(memberOf(caps, 'fields')).toMatchObject({
        'geo.location': { geo_point: {} },
        ip_address: { ip: {} },
        '@timestamp': { date: {} },
        who: { keyword: {} },
      });
    });

    it('every panel has an answer with the template that the pump itself makes', async () => {
      const file = fileOf({ index_name: 'own', index_template: 'own-template' });
      await send(file);

      await expectAnswers(objectsOf(await run(`show --pump es${product}`, file)), 'own');
    });

    it('every panel has an answer in indices without a template, in their keyword fields', async () => {
      const file = fileOf({ index_name: 'bare' });
      await send(file);

      await expectAnswers(objectsOf(await run(`show --pump es --dynamic${product}`, file)), 'bare');
    });

    it('the data stream of the pump takes the template', async () => {
      const file = fileOf({ index_name: 'stream', data_stream: true });
      // These servers have no lifecycles: nothing of it is put.
      const refused = await run('template --pump es', file);
      expect(refused.err).toMatch(/has no index (lifecycle|state) management/);
      expect(await ask('GET', '/_index_template/sluice-stream')).toMatchObject({ status: 404 });
      const { code, err } = await run('template --pump es --no-policy', file);
      expect(err).toBe('');
      expect(code).toBe(0);
      await send(file);

      await expectAnswers(objectsOf(await run(`show --pump es${product}`, file)), 'stream');
    });

    it('makes a name an alias for the first of several indices, and touches no index that has the name', async () => {
      const file = fileOf({ index_name: 'turning' });
      const made = await run('template --pump es --naming=alias --no-policy', file);
      expect(made).toMatchObject({ code: 0, err: '' });
      await send(file);
      expect(await ask('GET', '/_alias/turning')).toEqual({
        'turning-000001': { aliases: { turning: { is_write_index: true } } },
      });
      await expectAnswers(objectsOf(await run(`show --pump es${product}`, file)), 'turning');

      const taken = fileOf({ index_name: 'bare' });
      const refused = await run('template --pump es --naming=alias --no-policy', taken);
      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(/has an index "bare"/);
      expect(await ask('GET', '/_index_template/sluice-bare')).toMatchObject({ status: 404 });
    });

    it('puts a second time only what differs, and that only when it may', async () => {
      const file = fileOf({ index_name: 'again' });
      const other = fileOf({ index_name: 'again' }, { fields: { include: ['*', 'latency'] } });
      const states = async (line: string, from: string): Promise<readonly unknown[]> => {
        const { out } = await run(`${line} --json`, from);
        return (JSON.parse(out) as { parts: readonly { state: unknown }[] }).parts.map(
          ({ state }) => state,
        );
      };

      expect(await states('template --pump es --dry-run', file)).toEqual(['missing', 'missing']);
      expect(await ask('GET', '/_index_template/sluice-again')).toMatchObject({ status: 404 });
      expect(await states('template --pump es', file)).toEqual(['created', 'created']);
      expect(await states('template --pump es', file)).toEqual(['unchanged', 'unchanged']);
      const refused = await run('template --pump es', other);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.err).toMatch(/"sluice-again@mappings" is there and differs: --overwrite/);
      expect(await states('template --pump es --overwrite', other)).toEqual([
        'replaced',
        'unchanged',
      ]);
      expect(
        JSON.stringify(await ask('GET', '/_component_template/sluice-again@mappings')),
      ).toContain('"upstream"');
    });

    it('takes nothing from a template of somebody else', async () => {
      const body = {
        index_patterns: ['theirs*'],
        priority: 10,
        template: { settings: { number_of_shards: 2 } },
      };
      await ask('PUT', '/_index_template/theirs', body);
      const file = fileOf({ index_name: 'theirs' });

      const beside = await run('template --pump es', file);
      expect(beside.code).toBe(1);
      expect(beside.err).toMatch(/index template "theirs" \(theirs\*\) is for these indices too/);
      const over = await run('template --pump es --name theirs --overwrite', file);
      expect(over.code).toBe(1);
      expect(over.err).toMatch(/index template "theirs" was not made by Sluice/);
      expect(await ask('GET', '/_index_template/theirs')).toMatchObject({
        index_templates: [{ index_template: { priority: 10 } }],
      });
      expect(await ask('GET', '/_component_template/sluice-theirs@mappings')).toMatchObject({
        status: 404,
      });
      expect(await run('template --pump es --force', file)).toMatchObject({ code: 0 });
    });

    it('keeps hostile keys out of the mapping', async () => {
      const file = fileOf({ index_name: 'hostile' });
      await run('template --pump es', file);
      const many = Object.fromEntries(
        Array.from({ length: 3_000 }, (_, at) => [`key${at}`, { deep: at }]),
      );
      const stored = await ask('POST', '/hostile/_doc', {
        '@timestamp': '2026-01-31T00:00:00Z',
        trace: many,
        unknown: many,
        note: '2026-01-31',
      });
      expect(stored).toMatchObject({ result: 'created' });

      expect(JSON.stringify(await ask('GET', '/hostile/_mapping'))).not.toContain('key1');
      expect(
        memberOf(await ask('GET', '/hostile/_field_caps?fields=note'), 'fields', 'note'),
      ).toHaveProperty('keyword');
    });
  },
);

/** The buckets of the finest groups; without groups, the whole answer. */
function finestOf(aggregations: unknown, depth: number): readonly unknown[] {
  if (depth === 0) return aggregations === undefined ? [] : [aggregations];
  const [inner] = Object.values((aggregations ?? {}) as Readonly<Record<string, unknown>>).filter(
    (each) => memberOf(each, 'buckets') !== undefined,
  );
  const buckets = Object.values(memberOf(inner, 'buckets') ?? {});
  const full = buckets.filter((bucket) => Number(memberOf(bucket, 'doc_count')) > 0);
  return full.flatMap((bucket) => (depth === 1 ? [bucket] : finestOf(bucket, depth - 1)));
}

/** A number above zero, or a document. */
function isMeasured(value: unknown): boolean {
  const number =
    memberOf(value, 'doc_count') ??
    memberOf(value, 'value') ??
    Object.values((memberOf(value, 'values') ?? {}) as Readonly<Record<string, unknown>>)[0];
  const hits = memberOf(value, 'hits', 'hits');
  return typeof number === 'number' ? number > 0 : Array.isArray(hits) && hits.length > 0;
}
