import { describe, expect, it } from 'vitest';
import { countersOf, foldOf } from './adding.testing.ts';

/** 2024-03-10 22:22:00 UTC. */
const seconds = 1_710_109_320;
const hour = 1_710_108_000;

const one = (fields: Parameters<typeof foldOf>[0], changes: Parameters<typeof foldOf>[1] = {}) => {
  const [aggregate] = foldOf(fields, changes);
  if (aggregate === undefined) throw new Error('there is an aggregate');
  return aggregate;
};

describe('a fold', () => {
  it('counts a record in each dimension that it belongs to', () => {
    const aggregate = one(
      [
        {
          ...{ api_id: 'a1', api_name: 'Pets', api_version: 'v1', api_key: 'k1', alias: 'mobile' },
          ...{ oauth_id: 'o1', path: '/pets/1.json', response_code: 404, track_path: true },
          geo: { country: { iso_code: 'DE' } },
          tags: ['  gold.tier ', 'key-k1', 'skip-this', ' '],
        },
      ],
      { ignoredTagPrefixes: ['skip'] },
    );
    const counters = countersOf(aggregate);
    const hash = Buffer.from('a1:/pets/1.json').toString('base64').replace(/=+$/, '');
    const version = Buffer.from('a1:v1').toString('base64').replace(/=+$/, '');
    const path = Buffer.from('a1:v1:/pets/1.json').toString('hex');

    expect(aggregate).toMatchObject({
      start: hour,
      orgId: 'org-alpha',
      apiId: '',
      timeId: { year: 2024, month: 3, day: 10, hour: 22 },
      total: { hits: 1, error: 1 },
    });
    expect(
      Object.entries(counters).map(([place, counter]) => [
        place,
        counter.identifier,
        counter.humanIdentifier,
      ]),
    ).toEqual([
      ['apiid/a1', 'a1', 'Pets'],
      ['errors/404', '404', ''],
      [`versions/${version}`, 'v1', 'v1'],
      ['apikeys/k1', 'k1', 'mobile'],
      ['oauthids/o1', 'o1', ''],
      ['geo/DE', 'DE', 'DE'],
      ['tags/goldtier', 'goldtier', 'goldtier'],
      ['endpoints//pets/1\\u2ejson', '/pets/1.json', '/pets/1.json'],
      [`keyendpoints/k1.${hash}`, hash, hash],
      [`oauthendpoints/o1.${hash}`, hash, hash],
      [`apiendpoints/${path}`, path, '/pets/1.json'],
    ]);
    for (const counter of Object.values(counters)) {
      expect(counter).toMatchObject({ hits: 1, error: 1, success: 0, totalRequestTime: 12 });
      expect([...counter.errorMap]).toEqual([[404, 1]]);
    }
  });

  it('counts the paths of all records where it is told to', () => {
    const fields = [{ path: '/a', track_path: false }];

    expect(Object.keys(countersOf(one(fields)))).not.toContain('endpoints//a');
    expect(Object.keys(countersOf(one(fields, { tracksAllPaths: true })))).toContain(
      'endpoints//a',
    );
  });

  it('takes each record to the bucket of its own time and organisation', () => {
    const aggregates = foldOf([
      { timestamp: { seconds } },
      { timestamp: { seconds: seconds - 3600 } },
      { org_id: 'org-beta', timestamp: { seconds } },
      { timestamp: { seconds: seconds + 60 } },
      { org_id: '' },
    ]);

    expect(aggregates.map(({ start, orgId, total }) => [start, orgId, total.hits])).toEqual([
      [hour, 'org-alpha', 2],
      [hour - 3600, 'org-alpha', 1],
      [hour, 'org-beta', 1],
    ]);
  });

  it('has buckets of as many minutes as it is told, which no hour cuts', () => {
    const starts = (bucketMinutes: number) =>
      foldOf([{ timestamp: { seconds } }, { timestamp: { seconds: hour + 3599 } }], {
        bucketMinutes,
      }).map(({ start }) => start - hour);

    expect(starts(1)).toEqual([22 * 60, 59 * 60]);
    expect(starts(7)).toEqual([21 * 60, 56 * 60]);
    expect(starts(60)).toEqual([0]);
  });

  it('leaves the least duration to hits that are no errors, where there are some', () => {
    const fields = (response_code: number, total: number) => ({
      ...{ response_code, latency: { total, upstream: total } },
    });

    expect(
      one([fields(500, 0), fields(200, 40), fields(200, 30), fields(403, 0)]).total,
    ).toMatchObject({ minLatency: 30, minUpstreamLatency: 30, maxLatency: 40, totalLatency: 70 });
    expect(one([fields(500, 7), fields(502, 4)]).total).toMatchObject({
      minLatency: 4,
      maxLatency: 7,
    });
    expect(one([fields(-1, 0), fields(200, 9)]).total).toMatchObject({ minLatency: 9, hits: 1 });
  });

  it('adds what connections have carried, and counts no hit for it', () => {
    const network = { open_connections: 3, closed_connections: 2, bytes_in: 100, bytes_out: 70 };
    const aggregate = one([
      { response_code: -1, api_id: 'a1', network },
      { response_code: -1, api_id: 'a1', network },
      { response_code: 500, api_id: 'a1', network },
    ]);

    const bytes = { bytesIn: 200, bytesOut: 140 };
    expect(aggregate.total).toMatchObject({
      hits: 1,
      openConnections: 6,
      closedConnections: 4,
      ...bytes,
    });
    expect(countersOf(aggregate)['apiid/a1']).toMatchObject({
      ...{ hits: 1, error: 1, openConnections: 0, closedConnections: 0, ...bytes },
    });
    expect(countersOf(aggregate)['errors/500']).toMatchObject({ hits: 1, bytesIn: 0 });
  });

  it('names a key as its latest record does', () => {
    const named = (alias: string, at: number) => ({
      ...{ api_key: 'k1', alias, timestamp: { seconds: at } },
    });

    expect(
      countersOf(one([named('new', seconds + 9), named('old', seconds)]))['apikeys/k1'],
    ).toMatchObject({ humanIdentifier: 'new', lastTime: { seconds: seconds + 9 } });
  });

  it('counts an error of GraphQL in the dimensions of GraphQL alone', () => {
    const aggregate = one(
      [
        {
          response_code: 200,
          graphql_stats: {
            ...{ IsGraphQL: true, HasErrors: true, OperationType: 2, RootFields: ['pets'] },
            Types: { Pet: ['id', 'name'] },
          },
        },
        { response_code: 200 },
      ],
      { variant: 'graph' },
    );
    const counters = countersOf(aggregate);

    expect(aggregate.total).toMatchObject({ hits: 1, success: 1, error: 0 });
    expect(aggregate.apiId).toBe('api-pets');
    for (const place of [
      'types/Pet',
      'fields/Pet_id',
      'fields/Pet_name',
      'operation/Mutation',
      'rootfields/pets',
    ])
      expect(counters[place], place).toMatchObject({ hits: 1, success: 0, error: 1 });
    expect(counters['apiid/api-pets']).toMatchObject({ hits: 1, success: 1, error: 0 });
  });

  it('counts the methods, primitives and names of MCP', () => {
    const counters = countersOf(
      one(
        [
          {
            mcp_stats: {
              ...{ is_mcp: true, jsonrpc_method: 'tools/call' },
              ...{ primitive_type: 'tool', primitive_name: 'search' },
            },
          },
          { mcp_stats: { is_mcp: true, primitive_name: 'bare' } },
        ],
        { variant: 'mcp' },
      ),
    );

    expect(counters['methods/tools/call']).toMatchObject({ hits: 1 });
    expect(counters['primitives/tool']).toMatchObject({ hits: 1 });
    expect(counters['names/tool_search']).toMatchObject({
      ...{ identifier: 'tool_search', humanIdentifier: 'search' },
    });
    expect(counters['names/bare']).toMatchObject({ identifier: 'bare', humanIdentifier: 'bare' });
  });

  it('passes over dimensions that nobody asks for, and gives bytes of the network to no other in their place', () => {
    const fields = { api_id: 'a1', tags: ['gold'], track_path: true, path: '/' };
    const network = { ...fields, response_code: -1, network: { bytes_in: 5 } };
    const namesOf = (...leftOut: readonly string[]): readonly string[] =>
      one([fields, network], { leftOut: new Set(leftOut) }).tallies.map(
        ({ dimension, counter }) => `${dimension.sql} ${counter.bytesIn}`,
      );

    expect(namesOf('tags', 'versions', 'apikeys', 'keyendpoints')).toEqual([
      ...['apiid 5', 'endpoints 0', 'apiendpoints 0'],
    ]);
    expect(namesOf('apiid', 'versions', 'apikeys', 'keyendpoints', 'endpoints')).toEqual([
      ...['tags 0', 'apiendpoints 0'],
    ]);
  });
});
