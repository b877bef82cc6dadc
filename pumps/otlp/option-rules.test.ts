import { describe, expect, it } from 'vitest';
import { aPreparedPump } from '#pump/testing';
import otlp from './index.ts';

const prepare = (meta: object) => () =>
  aPreparedPump(otlp, { url: 'http://localhost:4318', ...meta });
const metrics = { signal: 'metrics' };

describe('options', () => {
  it.each([
    ['a URL that is none', { url: 'localhost:4318' }, 'url'],
    ['a header without a name', { headers: { 'a b': 'x' } }, 'headers'],
    ['a header of several lines', { headers: { a: 'x\ny' } }, 'headers'],
    ['a header that says how a body is sent', { headers: { 'Content-Type': 'x' } }, 'headers'],
    ['no metric', { ...metrics, metrics: [] }, 'metrics'],
    ['a metric there is not', { ...metrics, metrics: ['x'] }, 'metrics[0]'],
    ['an attribute there is not', { ...metrics, metric_attributes: ['url.path'] }, 'metric_attr'],
    [
      'an attribute twice',
      { ...metrics, metric_attributes: ['tyk.api.id', 'tyk.api.id'] },
      'metric_attributes[1]',
    ],
    ['bounds out of order', { ...metrics, buckets: [1, 1] }, 'buckets'],
  ])('with %s are refused', (_, meta, key) => {
    expect(prepare(meta)).toThrow(key);
  });

  it('for metrics say nothing of logs', () => {
    expect(prepare({ metrics: ['x'], buckets: [2, 1] })).not.toThrow();
  });
});

describe('a start warns', () => {
  const warned = (meta: object): readonly string[] => {
    const source = { source: 'test', key: 'meta', env: {}, envPrefix: otlp.envPrefix };
    const raw = { url: 'http://localhost:4318', ...meta };
    return otlp.prepare({ raw, ...source }).problems.map(({ key, found }) => `${key}: ${found}`);
  };

  it.each([
    [{}, []],
    [{ protocol: 'grpc' }, []],
    [{ url: 'http://localhost:4317/otlp', protocol: 'grpc' }, ['meta.url: a path or a query']],
    [{ url: 'http://localhost:4318/otlp' }, []],
    [{ ...metrics, metric_attributes: ['tyk.api.key'] }, ['meta.metric_attributes: "tyk.api.key"']],
  ])('of %j as %j', (meta, expected) => {
    expect(warned(meta)).toEqual(expected);
  });
});

describe('a pump', () => {
  it('of logs may run in several threads, and repeats are stored twice', () => {
    const pump = prepare({})();

    expect([pump.workers, pump.repeats, pump.limits.inFlight]).toEqual(['any', 'stored-twice', 4]);
    expect(pump.document?.map(({ key }) => key)).toContain('http.request.method');
  });

  it('of metrics counts in one place, one request after the other, and sends no documents', () => {
    const pump = prepare(metrics)();

    expect([pump.workers, pump.repeats, pump.limits.inFlight]).toEqual(['one', 'counted-twice', 1]);
    expect(pump.document).toBeUndefined();
  });

  it('sends the names of the record where the document is the body', () => {
    expect(prepare({ body: 'document' })().document?.map(({ key }) => key)).toContain(
      'raw_request',
    );
  });
});
