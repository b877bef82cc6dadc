import { describe, expect, it } from 'vitest';
import type { Settings } from './settings.ts';
import { templateRequests } from './template.ts';
import type { Dialect } from './version.ts';

const settings: Settings = {
  index: 'calls',
  mcpIndex: 'mcp',
  type: 'call',
  roll: 'never',
  ids: 'record',
  isBulk: true,
  isDataStream: false,
  pipeline: undefined,
  template: 'calls',
  isCompressed: false,
  extendedStats: true,
  decodeBase64: false,
  bodyBytes: 1 as Settings['bodyBytes'],
};
const server = (major: number, minor = 0): Dialect => ({ product: 'elasticsearch', major, minor });
const openSearch: Dialect = { product: 'opensearch', major: 2, minor: 0 };
const requestsOf = (dialect: Dialect, change: Partial<Settings> = {}) =>
  templateRequests('a name', { ...settings, ...change }, dialect);
const requestOf = (dialect: Dialect, change: Partial<Settings> = {}) =>
  requestsOf(dialect, change)[0];

describe('the index template', () => {
  it.each([
    [server(9), '/_index_template/a%20name'],
    [server(7, 8), '/_index_template/a%20name'],
    [openSearch, '/_index_template/a%20name'],
    [server(7, 7), '/_template/a%20name'],
    [server(6, 8), '/_template/a%20name'],
    [server(5, 6), '/_template/a%20name'],
    [server(2, 4), undefined],
  ])('of %j is at %s', (dialect, path) => {
    expect(requestOf(dialect)?.path).toBe(path);
  });

  it('is for both indices', () => {
    expect(requestOf(server(8))?.body).toMatchObject({ index_patterns: ['calls', 'mcp'] });
  });

  it('is for all days of a rolling index', () => {
    expect(requestOf(server(8), { roll: 'write' })?.body).toMatchObject({
      index_patterns: ['calls-*', 'mcp-*'],
    });
  });

  it('makes a data stream where one is wanted', () => {
    expect(requestOf(server(8), { isDataStream: true })?.body).toMatchObject({ data_stream: {} });
    expect(requestOf(server(8))?.body).not.toHaveProperty('data_stream');
  });

  it('has mappings that suit Kibana', () => {
    expect(requestOf(server(8))?.body).toMatchObject({
      template: {
        mappings: {
          properties: {
            '@timestamp': { type: 'date' },
            api_id: { type: 'keyword' },
            ip_address: { type: 'ip' },
            response_code: { type: 'integer' },
          },
        },
      },
    });
  });

  it.each([
    [false, 'keyword'],
    [true, 'text'],
  ])('with decode_base64 %s the raw parts are %s', (decodeBase64, type) => {
    expect(requestOf(server(8), { decodeBase64 })?.body).toMatchObject({
      template: { mappings: { properties: { raw_request: { type } } } },
    });
  });

  it('has the mappings under their type where the server has types', () => {
    expect(requestOf(server(6))?.body).toMatchObject({ mappings: { call: { properties: {} } } });
  });

  it('of version 5 is one for each index', () => {
    expect(requestsOf(server(5, 6))).toMatchObject([
      { path: '/_template/a%20name', body: { template: 'calls' } },
      { path: '/_template/a%20name-mcp', body: { template: 'mcp' } },
    ]);
    expect(requestsOf(server(5, 6), { mcpIndex: undefined })).toHaveLength(1);
    expect(requestsOf(server(6, 8))).toHaveLength(1);
  });
});
