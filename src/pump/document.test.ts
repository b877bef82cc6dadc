import { describe, expect, it } from 'vitest';
import { type FieldsConfig, noRules } from '../config/record-rules.ts';
import { ByteWriter } from '../lib/byte-writer.ts';
import { millis } from '../lib/units.ts';
import { jsonWriter } from '../record/json/write.ts';
import type { Shape } from '../record/shape.ts';
import { aRecord } from '../record/testing.ts';
import { documentOf, documentProblems, documentRulesOf, plainDocument } from './document.ts';

/** As a pump declares it: keys of its own, an object, a condition, a constant. */
const shape: Shape = [
  { key: '@timestamp', value: { form: 'time', field: 'timestamp' } },
  { key: 'request_uri', value: { form: 'text', field: 'path' } },
  { key: 'method', value: { form: 'text', field: 'method' } },
  {
    key: 'latency',
    value: {
      form: 'object',
      entries: [
        { key: 'total', value: { form: 'integer', field: 'latency.total' } },
        { key: 'upstream', value: { form: 'integer', field: 'latency.upstream' } },
      ],
    },
  },
  { key: 'mcp', value: { form: 'text', field: 'mcp_stats.primitive_name' }, when: 'track_path' },
  { key: 'kind', value: { form: 'constant', json: '"call"' } },
];

const nothing: FieldsConfig = {
  include: [],
  exclude: [],
  rename: {},
  constants: {},
  unknown: false,
};

function documented(fields: Partial<FieldsConfig>, added: readonly string[] = []): unknown {
  const wanted = documentOf(shape, { fields: { ...nothing, ...fields }, added });
  const out = new ByteWriter();
  jsonWriter(wanted)(aRecord({ path: '/pets', geo: { country: { iso_code: 'DE' } } }), out);
  return JSON.parse(out.view().toString());
}

const usual = {
  '@timestamp': '2024-03-10T22:22:00Z',
  request_uri: '/pets',
  method: 'GET',
  latency: { total: 12, upstream: 10 },
  kind: 'call',
};

describe('a document', () => {
  it('is the pump’s where nothing is wanted', () => {
    expect(documentOf(shape, plainDocument)).toBe(shape);
    expect(documented({})).toEqual(usual);
  });

  it('has only what is included, in that order, by the record’s names or the pump’s', () => {
    const chosen = documented({ include: ['method', 'path', '@timestamp', 'latency.upstream'] });
    expect(JSON.stringify(chosen)).toBe(
      '{"method":"GET","request_uri":"/pets","@timestamp":"2024-03-10T22:22:00Z","latency":{"upstream":10}}',
    );
  });

  it('has more than the pump sends by itself, as full JSON has it', () => {
    expect(documented({ include: ['*', 'api_version', 'geo.country', 'latency.gateway'] })).toEqual(
      {
        ...usual,
        api_version: 'v1',
        geo: { country: { iso_code: 'DE' } },
        latency: { total: 12, upstream: 10, gateway: 2 },
      },
    );
  });

  it('gives another name to a key with dots in it, whole or from its beginning', () => {
    const dotted: Shape = [
      { key: 'http.request.method', value: { form: 'text', field: 'method' } },
      { key: 'url.path', value: { form: 'text', field: 'path' } },
    ];
    const renamed = (rename: FieldsConfig['rename']) =>
      documentOf(dotted, { fields: { ...nothing, rename }, added: [] }).map(({ key }) => key);

    expect(renamed({ 'http.request.method': 'verb', path: 'where' })).toEqual(['verb', 'where']);
    expect(renamed({ http: 'web', url: 'uri' })).toEqual(['web.request.method', 'uri.path']);
    expect(renamed({ 'http.request': 'call' })).toEqual(['call.method', 'url.path']);
  });

  it('says nothing twice', () => {
    expect(documented({ include: ['*', 'path', '*', 'method', 'latency'] })).toEqual(usual);
  });

  it('lacks what is excluded, with all that is in it', () => {
    expect(documented({ exclude: ['latency', 'path', 'kind'] })).toEqual({
      '@timestamp': usual['@timestamp'],
      method: 'GET',
    });
    expect(documented({ exclude: ['latency.total'] })).toMatchObject({ latency: { upstream: 10 } });
  });

  it('has the names that the operator wants', () => {
    const rename = {
      path: 'url',
      latency: 'took',
      'latency.total': 'ignored, for latency came',
      method: 'verb',
    };
    expect(documented({ rename })).toEqual({
      '@timestamp': usual['@timestamp'],
      url: '/pets',
      verb: 'GET',
      took: { total: 12, upstream: 10 },
      kind: 'call',
    });
    expect(documented({ rename: { 'latency.total': 'all' } })).toMatchObject({
      latency: { all: 12, upstream: 10 },
    });
  });

  it('may have a name with a dot in it, and another one for that', () => {
    const own: Shape = [{ key: 'a.b', value: { form: 'constant', json: '"x"' } }];
    const fields = { ...nothing, rename: { 'a.b': 'c.d' } };
    expect(documentOf(own, { fields, added: [] })).toMatchObject([{ key: 'c.d' }]);
  });

  it('has constants, which win', () => {
    expect(documented({ constants: { team: 'p"ets', method: 'none' } })).toEqual({
      ...usual,
      team: 'p"ets',
      method: 'none',
    });
  });

  it('has what is added to records, unless told otherwise', () => {
    expect(documented({}, ['path_template', 'client'])).toEqual({
      ...usual,
      path_template: '',
      client: { browser: '', os: '', device: '' },
    });
    expect(
      documented({ exclude: ['client'], rename: { path_template: 'route' } }, [
        'path_template',
        'client',
      ]),
    ).toEqual({ ...usual, route: '' });
    expect(documented({ include: ['method'] }, ['client'])).toEqual({ method: 'GET' });
    expect(documentOf(shape, { fields: undefined, added: ['sample_weight'] })).toHaveLength(7);
  });
});

describe('what is wrong with the fields of a document', () => {
  const pump = {
    document: shape,
    *checkDocument(document: Shape) {
      for (const { key } of document) if (key === '_id') yield { name: key, expected: 'another' };
    },
  };
  const problemsOf = (fields: Partial<FieldsConfig>) =>
    documentProblems(pump, { fields: { ...nothing, ...fields }, added: ['client'] });

  it('is nothing', () => {
    expect(
      problemsOf({
        include: ['*', 'geo', 'geo.city.names', 'sample_weight'],
        exclude: ['request_uri'],
        rename: { method: 'verb' },
      }),
    ).toEqual([]);
  });

  it('is a name of no field', () => {
    expect(
      problemsOf({ include: ['methud'], exclude: ['geo.town'], rename: { '': 'x' } }),
    ).toMatchObject([
      { key: 'include', found: '"methud"' },
      { key: 'exclude', found: '"geo.town"' },
      { key: 'rename', found: '""' },
    ]);
  });

  it('is a name that two values would have, or a value and an object', () => {
    expect(problemsOf({ rename: { path: 'method' } })).toMatchObject([
      { key: 'rename', found: 'two values called "method"' },
    ]);
    expect(problemsOf({ rename: { path: 'latency' } })).toMatchObject([
      { found: 'two values called "latency"' },
    ]);
  });

  it('is that nothing is left', () => {
    expect(problemsOf({ include: ['method'], exclude: ['method'] })).toMatchObject([
      { key: 'exclude', severity: 'error' },
    ]);
  });

  it('is a name that the pump cannot send, said where it stands', () => {
    const problem = { found: '"_id"', expected: 'another', severity: 'error' };
    expect(problemsOf({ rename: { path: '_id' } })).toEqual([{ key: 'rename', ...problem }]);
    expect(problemsOf({ constants: { _id: 'x' } })).toEqual([{ key: 'constants', ...problem }]);
  });

  it('is, with a warning, another name for what the documents do not have', () => {
    expect(problemsOf({ rename: { geo: 'place', method: 'verb' } })).toMatchObject([
      { key: 'rename', found: '"geo"', severity: 'warning' },
    ]);
    expect(problemsOf({ exclude: ['method'], rename: { method: 'verb' } })).toMatchObject([
      { found: '"method"', severity: 'warning' },
    ]);
  });
});

it('follows from the rules of a route', () => {
  const enrich = { geoip: '', userAgent: true, pathTemplate: true, pathTemplates: [] };
  const sample = { rate: 1, rules: [], keepsErrors: true, keepSlower: millis(1) };
  expect(documentRulesOf({ ...noRules, enrich, sample })).toEqual({
    fields: undefined,
    added: ['path_template', 'client', 'sample_weight'],
  });
  expect(documentRulesOf(noRules)).toEqual(plainDocument);
});
