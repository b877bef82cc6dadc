/**
 * The walk of "Observing your API traffic with Tyk, Elasticsearch & Kibana" (Tyk, 2020), with our gateway and our pump in the
 * places of Tyk's: its two API definitions, its policy, its token, its pump.json and its curl lines. Only addresses are others.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../services/elasticsearch.ts';
import { needElasticsearch } from '../services/elasticsearch-build.ts';
import { needHttpbin } from '../services/httpbin.ts';
import {
  type Child,
  freePort,
  launch,
  scratchFolder,
  until,
  whyUnavailable,
} from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';

const unavailable =
  (await whyUnavailable(() => needElasticsearch('elasticsearch6'))) ??
  (await whyUnavailable(needHttpbin));
const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));

const token =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmb29AYmFyLmNvbSIsIm5hbWUiOiJBaG1ldCBTb29ybWFsbHkiLCJpYXQiOjE1MTYyMzkwMjJ9.8E-X89YnHe6m_jV4Lmyy487VnkCpzuYlsLDceCz4ScU';

const policies = `{
"5e189590801287e42a6cf5ce": {
"id": "5e189590801287e42a6cf5ce",
"rate": 100,
"per": 1,
"quota_max": -1,
"quota_renews": -1,
"quota_remaining": 0,
"quota_renewal_rate": 60,
"access_rights": {
"httpbin-jwt": {
"api_id": "httpbin-jwt",
"api_name": "httpbin-jwt",
"versions": [
"default"
]
}
},
"name": "JWT Demo Policy",
"active": true
}
}`;

const httpbin = (target: string): string => `{
"name": "httpbin",
"slug": "httpbin",
"api_id": "httpbin",
"use_keyless": true,
"version_data": {
"not_versioned": true,
"default_version": "",
"versions": {
"default": {
"name": "default",
"use_extended_paths": true
}
}
},
"proxy": {
"listen_path": "/httpbin/",
"target_url": "${target}",
"strip_listen_path": true
},
"active": true,
"tag_headers": [],
"strip_auth_data": false
}`;

const httpbinJwt = (target: string): string => `{
"name": "httpbin-jwt",
"api_id": "httpbin-jwt",
"enable_jwt": true,
"jwt_signing_method": "hmac",
"jwt_source": "Zm9v",
"jwt_identity_base_field": "sub",
"jwt_default_policies": [
"5e189590801287e42a6cf5ce"
],
"version_data": {
"not_versioned": true,
"use_extended_paths": true,
"versions": {
"default": {
"name": "default",
"global_headers": {
"User": "$tyk_context.jwt_claims_sub"
}
}
}
},
"proxy": {
"listen_path": "/httpbin-jwt/",
"target_url": "${target}",
"strip_listen_path": true
},
"active": true,
"enable_context_vars": true,
"tag_headers": ["User"],
"strip_auth_data": true
}`;

const run = promisify(execFile);

describe.skipIf(unavailable !== undefined)('the walk with Tyk, Elasticsearch and Kibana', () => {
  let elasticsearch: ElasticsearchServer;
  let redis: RedisServer;
  let pump: PumpProcess;
  let upstream: Child;
  let gateway: Child;
  let dir: string;
  let target: string;
  let port: number;

  beforeAll(async () => {
    [elasticsearch, redis, dir, port] = await Promise.all([
      startElasticsearch({ flavour: 'elasticsearch6' }),
      startRedis(),
      scratchFolder('walk'),
      freePort(),
    ]);
    const upstreamPort = await freePort();
    upstream = launch(await needHttpbin(), ['-host', '127.0.0.1', '-port', String(upstreamPort)]);
    target = `http://127.0.0.1:${upstreamPort}/`;
    await until('httpbin answers', () =>
      fetch(target).then(
        () => true,
        () => false,
      ),
    );
    pump = await startPump({
      redis,
      pumps: {
        elasticsearch: {
          type: 'elasticsearch',
          meta: {
            index_name: 'tyk_analytics',
            elasticsearch_url: elasticsearch.url,
            enable_sniffing: false,
            document_type: 'tyk_analytics',
            rolling_index: false,
            extended_stats: false,
            version: '6',
          },
        },
      },
    });

    await mkdir(path.join(dir, 'apps'));
    await mkdir(path.join(dir, 'policies'));
    await writeFile(path.join(dir, 'apps', 'httpbin.json'), httpbin(target));
    await writeFile(path.join(dir, 'policies', 'policies.json'), policies);
    const conf = {
      storage: { host: redis.host, port: redis.port },
      sources: [
        {
          ...{ type: 'gateway', listen: `127.0.0.1:${port}` },
          ...{ apis: './apps', policies: './policies/policies.json' },
        },
      ],
      admin: { listen: '127.0.0.1:0' },
    };
    await writeFile(path.join(dir, 'capture.json'), JSON.stringify(conf));
    gateway = launch(process.execPath, [program, '--conf', 'capture.json'], { cwd: dir });
    await until('the gateway listens', () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      ),
    );
  });
  afterAll(async () => {
    await Promise.all([gateway.stop(), pump.stop(), upstream.stop()]);
    await Promise.all([redis.stop(), elasticsearch.stop()]);
  });

  const curl = async (...args: readonly string[]): Promise<string> =>
    (await run('curl', ['-s', ...args])).stdout;
  const at = (url: string): string => `http://127.0.0.1:${port}${url}`;

  interface Found {
    readonly total: number;
    readonly documents: readonly Readonly<Record<string, unknown>>[];
  }

  /** What Kibana finds once that many documents are there, and nothing of the gateway's is on its way any more. */
  async function find(query: string, atLeast: number): Promise<Found> {
    let found = await search(query);
    await until(`${atLeast} documents are found by ${query}`, async () => {
      found = await search(query);
      return found.total >= atLeast;
    });
    await untilDrained(redis);
    return search(query);
  }

  async function search(query: string): Promise<Found> {
    await fetch(`${elasticsearch.url}/tyk_analytics/_refresh`, { method: 'POST' });
    const url = `${elasticsearch.url}/tyk_analytics/_search?size=100&q=${encodeURIComponent(query)}`;
    const answer = await fetch(url);
    // Not yet there, or not yet ready: 404, 503.
    if (!answer.ok) return { total: 0, documents: [] };
    const { hits } = (await answer.json()) as {
      readonly hits: {
        readonly total: number;
        readonly hits: readonly { readonly _source: Found['documents'][number] }[];
      };
    };
    return { total: hits.total, documents: hits.hits.map(({ _source }) => _source) };
  }

  it('answers as the upstream, with the headers of a gateway, and stores a document', async () => {
    const answer = await curl(at('/httpbin/get?foo=bar'), '-i');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    for (const name of ['Limit', 'Remaining', 'Reset'])
      expect(answer).toContain(`X-Ratelimit-${name}: 0\r\n`);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ args: { foo: ['bar'] } });

    const { total, documents } = await find('*:*', 1);
    expect(total).toBe(1);
    expect(documents[0]).toMatchObject({
      ...{ api_id: 'httpbin', api_name: 'httpbin', api_version: 'Non Versioned', org_id: '' },
      ...{ http_method: 'GET', request_uri: '/get', response_code: 200, api_key: '00000000' },
    });
  });

  it('stores ten more documents of ten more calls', async () => {
    const before = (await find('*:*', 1)).total;
    for (let i = 1; i <= 10; i++) await curl(at('/httpbin/get?foo=bar'));
    expect((await find('*:*', before + 10)).total - before).toBe(10);
  });

  it('finds an error by response_code:500', async () => {
    expect(await curl(at('/httpbin/status/500'), '-i')).toMatch(/^HTTP\/1\.1 500 /);
    const { documents } = await find('response_code:500', 1);
    expect(documents).toMatchObject([{ request_uri: '/status/500', api_id: 'httpbin' }]);
  });

  it('serves another definition at SIGHUP, hides its token from the upstream, and tags its user', async () => {
    await writeFile(path.join(dir, 'apps', 'httpbin-jwt.json'), httpbinJwt(target));
    process.kill(gateway.pid, 'SIGHUP');
    await until('the definition is served', async () =>
      (await curl(at('/httpbin-jwt/get'), '-i')).startsWith('HTTP/1.1 400'),
    );
    const answer = await curl(at('/httpbin-jwt/get'), '-H', `Authorization: Bearer ${token}`);
    const { headers } = JSON.parse(answer) as {
      readonly headers: Readonly<Record<string, readonly string[]>>;
    };
    expect(headers['User']).toEqual(['foo@bar.com']);
    expect(Object.keys(headers)).not.toContain('Authorization');

    const { documents } = await find('tags:"user-foo@bar.com"', 1);
    expect(documents).toMatchObject([
      { api_id: 'httpbin-jwt', response_code: 200, alias: 'foo@bar.com', request_uri: '/get' },
    ]);
    expect(documents[0]?.['tags']).toEqual(
      expect.arrayContaining(['pol-5e189590801287e42a6cf5ce', 'api-httpbin-jwt']),
    );
    expect(JSON.stringify(documents)).not.toContain(token.split('.')[2]);
  });
});
