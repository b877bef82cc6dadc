import { expect, test } from 'vitest';
import mcp from '../../../mongo-mcp-aggregate/index.ts';
import rest from '../../../mongo-pump-aggregate/index.ts';

function said(meta: object, pump = rest, env: Record<string, string> = {}) {
  const { problems } = pump.prepare({
    ...{ raw: { mongo_url: 'mongodb://h/tyk', ...meta }, source: 'f', key: 'meta' },
    ...{ env, envPrefix: pump.envPrefix },
  });
  return problems.map(({ key, severity }) => `${severity} ${key}`);
}

test.each<[object, readonly string[]]>([
  [{}, []],
  [{ aggregation_time: 1 }, []],
  [{ aggregation_time: 61 }, ['warning meta.aggregation_time']],
  [{ ignore_aggregations: ['APIKeys', 'endpoints', 'KeyEndpoint'] }, []],
  [{ ignore_aggregations: ['APIKeys', 'nope'] }, ['warning meta.ignore_aggregations[1]']],
  [{ threshold_len_tag_list: -2 }, ['error meta.threshold_len_tag_list']],
  [{ mongo_url: '' }, ['error meta.mongo_url']],
])('%j: %j', (meta, problems) => {
  expect(said(meta)).toEqual(problems);
});

test('what has no effect on calls of MCP is told', () => {
  expect(said({ track_all_paths: true, ignore_aggregations: ['APIID'] }, mcp)).toEqual([
    ...['warning meta.track_all_paths', 'warning meta.ignore_aggregations'],
  ]);
});

test('its older variables are its own', () => {
  expect(said({}, rest, { PMP_MONGOAGG_TRACKALLPATHS: 'true', PMP_MONGO_MONGOURL: 'x' })).toEqual([
    'warning PMP_MONGOAGG_TRACKALLPATHS',
  ]);
  expect(said({}, mcp, { PMP_MONGOAGG_TRACKALLPATHS: 'true' })).toEqual([]);
});
