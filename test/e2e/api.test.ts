import { readFileSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { endpoints } from '../../src/app/api/endpoints.ts';
import { encodeRecord } from '../../src/record/testing.ts';
import { makeCertificates } from '../services/certificates.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { type Asking, askApi, closed } from './api.ts';
import { type CountingSink, countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { type PumpProcess, startPump } from './pump.ts';

const unavailable = await whyUnavailable(needRedis);
const list = 'analytics-tyk-system-analytics';
const viewer = 'token-of-the-viewer';
const operator = 'token-of-the-operator';
const password = 'the password of ops';
const users = {
  viewer_token: viewer,
  operator_token: operator,
  users: [{ name: 'ops', role: 'operator', password }],
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const asOperator = bearer(operator);

/** What a stranger may have written into a record. */
const hostile = { path: '/<script>alert(1)</script>\u001b[2J\u202e"\\', response_code: 500 };

interface Letters {
  readonly letters: readonly { readonly id: string; readonly route: string }[];
}

interface Ledger {
  readonly routes: readonly {
    readonly route: string;
    readonly claimed: number;
    readonly pending: number;
    readonly booked: Readonly<Record<string, number>>;
  }[];
  readonly dead_letters: readonly {
    readonly route: string;
    readonly now: number;
    readonly lost: number;
    readonly booked: Readonly<Record<string, number>>;
  }[];
}

/** With or without TLS. */
const listening = ({ healthPort }: PumpProcess) =>
  until('the admin server listens', () =>
    askApi(healthPort, '/live').then(
      () => true,
      (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED',
    ),
  );

const signalled = (signal: NodeJS.Signals) => (redis: RedisServer) =>
  Promise.resolve(void process.kill(redis.pid, signal));

describe.skipIf(unavailable !== undefined)('the Admin API', () => {
  const use = stoppedAfterEach();

  async function world(
    admin: object = users,
    own: Readonly<Record<string, unknown>> = {},
    acl?: readonly string[],
  ): Promise<{ redis: RedisServer; sink: CountingSink; pump: PumpProcess }> {
    const redis = use(await startRedis(acl === undefined ? {} : { acl }));
    const sink = use(await startCountingSink());
    sink.status = 400;
    const pumps = {
      csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
      refusing: countingPump(sink),
    };
    const pump = use(await startPump({ redis, pumps, own: { workers: 1, admin, ...own } }));
    await listening(pump);
    return { redis, sink, pump };
  }

  const ask = (pump: PumpProcess, path: string, asking: Asking = {}) =>
    askApi(pump.healthPort, `/api/v1${path}`, asking);

  const lettersOf = async (
    pump: PumpProcess,
    headers = asOperator,
  ): Promise<Letters['letters']> => {
    const { status, body } = await ask(pump, '/dead-letters?route=refusing', { headers });
    return status === 200 ? (body as Letters).letters : [];
  };

  /** Records, one of them hostile, that one pump delivers and the other rejects. */
  async function rejected(redis: RedisServer, pump: PumpProcess): Promise<Letters['letters']> {
    const records = Array.from({ length: 9 }, (_, at) => encodeRecord({ path: `/pets/${at}` }));
    await redis.client.rpush(list, ...records, encodeRecord(hostile));
    let letters: Letters['letters'] = [];
    await until('every record is a dead letter', async () => {
      letters = await lettersOf(pump);
      return letters.length === 10;
    });
    return letters;
  }

  it('finds dead letters by the reason that it shows, and purges no others of that kind', async () => {
    const { redis, sink, pump } = await world();
    await rejected(redis, pump);
    sink.status = 422;
    await redis.client.rpush(list, ...[1, 2, 3].map((at) => encodeRecord({ path: `/dogs/${at}` })));
    await until('those are there, too', async () => (await lettersOf(pump)).length === 13);
    const headers = asOperator;
    const { body } = await ask(pump, '/dead-letters/reasons', { headers });
    const { reasons } = body as {
      readonly reasons: readonly { readonly kind: string; readonly reason: string }[];
    };
    expect(reasons).toEqual([
      expect.objectContaining({ letters: 10, reason: expect.stringContaining('400') as string }),
      expect.objectContaining({ letters: 3, reason: expect.stringContaining('422') as string }),
    ]);
    expect(reasons[0]?.kind).toBe(reasons[1]?.kind);
    const reason = reasons[1]?.reason ?? '';
    const found = await ask(pump, `/dead-letters?reason=${encodeURIComponent(reason)}`, {
      headers,
    });
    expect((found.body as Letters).letters).toHaveLength(3);
    const none = await ask(pump, '/dead-letters?reason=422', { headers });
    expect((none.body as Letters).letters).toHaveLength(0);
    const purged = await ask(pump, '/dead-letters/purge', {
      ...{ method: 'POST', headers },
      body: { route: 'refusing', reason },
    });
    expect(purged.body).toEqual({ letters: 3 });
    expect(await lettersOf(pump)).toHaveLength(10);
  });

  it('answers at each endpoint as docs/openapi.json says, to those who may ask', async () => {
    const { redis, pump } = await world(users, { workers: 2 });
    const [letter, another] = await rejected(redis, pump);
    // Not in the order of the table: what is there to be shown must not be purged before.
    const calls: Readonly<
      Record<string, { readonly path?: string; readonly body?: object; readonly most?: number }>
    > = {
      'show-status': {},
      'show-overview': {},
      'show-history': { path: '/history?route=CSV&since=0' },
      'list-instances': {},
      'list-lists': {},
      'list-segments': { path: `/segments?list=${list}&limit=5` },
      'show-ledger': {},
      'list-routes': {},
      'show-route': { path: '/routes/Refusing' },
      'list-dead-letters': { path: '/dead-letters?limit=3' },
      'count-dead-letters': {},
      'export-dead-letters': { path: '/dead-letters/export?route=refusing&decode=true' },
      'show-dead-letter': { path: `/dead-letters/refusing/${letter?.id}` },
      tap: { path: '/tap?route=Csv', most: 1 },
      'show-configuration': {},
      'show-openapi': {},
      'retry-dead-letters': { body: { route: 'refusing', ids: [letter?.id] } },
      'purge-dead-letters': { body: { route: 'refusing', ids: [another?.id] } },
      'pause-route': { path: '/routes/Csv/pause' },
      'resume-route': { path: '/routes/Csv/resume' },
      'set-route-rate': { path: '/routes/csv/rate', body: { records: 500, bytes: 1_048_576 } },
      'rewind-route': { path: '/routes/CSV/rewind', body: { to: '1h' } },
      'skip-to-now': { path: '/routes/CSV/skip-to-now' },
      reload: {},
      'show-reload': {},
    };
    expect(Object.keys(calls).sort()).toEqual(endpoints.map(({ id }) => id).sort());

    const file = new URL('../../docs/openapi.json', import.meta.url);
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
    ajv.addSchema(closed(JSON.parse(readFileSync(file, 'utf8'))) as object, 'api');
    const check = (path: string, method: string, status: number, value: unknown): void => {
      const type = status === 200 ? typeOf(path) : 'application/problem+json';
      const place = [
        'paths',
        path,
        method.toLowerCase(),
        'responses',
        String(status),
        'content',
        type,
      ];
      const pointer = [...place, 'schema'].map((part) => part.replaceAll('/', '~1')).join('/');
      const validate = ajv.compile({ $ref: `api#/${pointer}` });
      expect([path, status, validate(value), validate.errors, value]).toEqual([
        ...[path, status, true, null, value],
      ]);
    };
    const typeOf = (path: string): string =>
      path.endsWith('/export') || path === '/tap' ? 'application/x-ndjson' : 'application/json';

    for (const [id, { path, body, most }] of Object.entries(calls)) {
      const endpoint = endpoints.find((each) => each.id === id);
      if (endpoint === undefined) throw new Error(id);
      const { method, role } = endpoint;
      const asking = {
        ...(most === undefined ? {} : { most }),
        ...{ method, ...(body === undefined ? {} : { body }) },
      };
      const askAs = async (headers: Readonly<Record<string, string>>) => {
        const answer = await ask(pump, path ?? endpoint.path, { ...asking, headers });
        for (const value of answer.lines ?? [answer.body])
          check(endpoint.path, method, answer.status, value);
        expect(answer.headers).toMatchObject({
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'content-type':
            answer.status === 200 ? typeOf(endpoint.path) : 'application/problem+json',
        });
        return answer.status;
      };
      expect([id, await askAs({})]).toEqual([id, 401]);
      expect([id, await askAs(bearer('another-token-of-nobody'))]).toEqual([id, 401]);
      expect([id, await askAs(bearer(viewer))]).toEqual([id, role === 'viewer' ? 200 : 403]);
      if (role === 'operator') expect([id, await askAs(asOperator)]).toEqual([id, 200]);
    }

    const { body: routes } = await ask(pump, '/routes', { headers: asOperator });
    expect(routes).toMatchObject({
      problem: null,
      routes: [
        {
          route: 'CSV',
          pump: 'csv',
          here: {
            state: 'running',
            reason: null,
            breaker: 'closed',
            last_error: null,
            last_delivery: expect.any(String) as string,
            threads: [{ thread: expect.any(Number) as number, state: 'running' }],
          },
          books: { claimed: 10, pending: 0 },
        },
        {
          route: 'REFUSING',
          here: {
            last_error: { kind: 'invalid' },
            rates: { delivered: 0 },
            threads: expect.arrayContaining([expect.objectContaining({ thread: 1 })]) as unknown,
          },
        },
      ],
    });
    // Whoever tried, the log says that somebody did, once a minute; never with what.
    const log = pump.output();
    expect(log.match(/had credentials that are not known/g)).toHaveLength(1);
    expect(log).not.toMatch(/another-token-of-nobody|token-of-the/);
    const configuration = JSON.stringify(
      (await ask(pump, '/configuration', { headers: asOperator })).body,
    );
    expect(configuration).toContain('sluice.admin.users');
    expect(configuration).not.toMatch(/token-of-the|the password of ops/);
  });

  it('says of a request that it cannot answer why, in one form', async () => {
    const { pump } = await world();
    await until(
      'the service is up',
      async () => (await ask(pump, '/status', { headers: asOperator })).status === 200,
    );
    const post = (path: string, body: string, type = 'application/json') =>
      ask(pump, path, {
        ...{ method: 'POST', text: body },
        headers: { ...asOperator, 'content-type': type },
      });
    const get = (path: string) => ask(pump, path, { headers: asOperator });
    const asked: Asking = { method: 'POST', headers: asOperator };
    const some = '{"route":"refusing","ids":["1:1"]}';
    const answers: readonly (readonly [
      number,
      string,
      Promise<{ readonly status: number; readonly body: unknown }>,
    ])[] = [
      [404, 'no such endpoint', get('/nothing')],
      [404, 'no such endpoint', get('')],
      [405, 'GET, HEAD', ask(pump, '/status', { method: 'DELETE', headers: asOperator })],
      [405, 'POST', get('/dead-letters/retry/').then(() => get('/dead-letters/retry'))],
      [400, 'has none', get('/status?verbose=1')],
      [400, 'limit is 0', get('/dead-letters?limit=0')],
      [400, 'limit is a text', get('/dead-letters?limit=many')],
      [400, 'limit is there 2 times', get('/dead-letters?limit=1&limit=2')],
      [400, 'where', get('/dead-letters?where=%28')],
      [400, 'percent-encoded', get('/routes/%zz')],
      [404, 'no route of this name', get('/routes/nosuch')],
      [404, 'no route of this name; there are CSV, REFUSING', get('/tap?route=nosuch')],
      [400, 'rate is 500', get('/tap?rate=500')],
      [400, 'where: status:(', get('/tap?where=status:(')],
      [404, 'no route of this name', get('/dead-letters?route=nosuch')],
      [404, 'no route of this name', ask(pump, '/routes/nosuch/pause', asked)],
      [404, 'no route of this name', post('/routes/nosuch/rewind', '{"to":"1h"}')],
      [405, 'POST', get('/routes/csv/pause')],
      [400, 'takes no body', post('/routes/csv/pause', '{}')],
      [400, 'a rate is', post('/routes/csv/rate', '{}')],
      [400, 'a rate is', post('/routes/csv/rate', '{"records":5,"off":true}')],
      [400, 'a rate is', post('/routes/csv/rate', '{"unlimited":false}')],
      [400, 'the body.records is 0', post('/routes/csv/rate', '{"records":0}')],
      [400, 'the body.records is a text', post('/routes/csv/rate', '{"records":"500"}')],
      [400, 'the body.to is missing', post('/routes/csv/rewind', '{}')],
      [400, 'expected a time that has passed', post('/routes/csv/rewind', '{"to":"soon"}')],
      [404, 'no such letter', get('/dead-letters/refusing/1:1')],
      [404, 'no such letter', post('/dead-letters/retry', some)],
      [
        400,
        'needs ids, kind, reason, where, or all',
        post('/dead-letters/purge', '{"route":"refusing"}'),
      ],
      [400, 'the body.route is missing', post('/dead-letters/purge', '{"all":true}')],
      [
        400,
        'the body has no \\"al\\"',
        post('/dead-letters/purge', '{"route":"refusing","al":true}'),
      ],
      [
        400,
        'the body.all is a text',
        post('/dead-letters/purge', '{"route":"refusing","all":"yes"}'),
      ],
      [400, 'no JSON', post('/dead-letters/purge', '{"route":')],
      [415, 'application/json', post('/dead-letters/purge', some, 'text/plain')],
      [
        415,
        'application/json',
        post('/dead-letters/purge', 'route=a', 'application/x-www-form-urlencoded'),
      ],
      [413, '64 KiB', post('/dead-letters/purge', `{"route":"${'a'.repeat(70_000)}"}`)],
    ];
    for (const [status, words, answer] of answers) {
      const { body, status: found } = await answer;
      expect([words, found, JSON.stringify(body)]).toEqual([
        words,
        status,
        expect.stringContaining(words),
      ]);
      expect(body).toMatchObject({ type: 'about:blank', status });
    }
    const basic = { authorization: `Basic ${Buffer.from(`ops:${password}`).toString('base64')}` };
    expect((await ask(pump, '/status', { headers: basic })).status).toBe(200);
    expect((await ask(pump, '/status', { method: 'HEAD', headers: basic })).text).toBe('');
  });

  it('shows records of every thread as they pass, redacted, to as many as may look on', async () => {
    const { redis, pump } = await world(users, { workers: 2 });
    const tap = (query: string, most: number) =>
      ask(pump, `/tap?${query}`, { headers: asOperator, most });
    const open = (listeners: number) =>
      until('taps are open', async () => {
        const page = await askApi(pump.healthPort, '/metrics');
        return page.text.includes(`sluice_tap_listeners ${listeners}\n`);
      });
    // A beat, then a record.
    const one = tap('route=csv&where=path:/first', 2);
    const others = Array.from({ length: 7 }, () => tap('rate=200', 3));
    await open(8);
    const refused = await ask(pump, '/tap', { headers: asOperator });
    expect([refused.status, refused.body]).toMatchObject([503, { detail: /8 clients/ }]);
    const raw = `GET / HTTP/1.1\r\nAuthorization: Bearer a-token-that-must-not-be-seen\r\n\r\n`;
    const raw_request = Buffer.from(raw).toString('base64');
    await redis.client.rpush(
      list,
      encodeRecord({ ...hostile, raw_request }),
      encodeRecord({ path: '/first', raw_request }),
    );
    const { text, lines } = await one;
    expect(lines?.[1]).toMatchObject({
      ...{ type: 'record', route: 'CSV' },
      record: { path: '/first', raw_request: raw.replace(/a-token[^\r]*/, '[redacted]') },
    });
    const all = [text, ...(await Promise.all(others)).map((each) => each.text)].join('');
    expect(all).toContain('<script>');
    expect(all).not.toMatch(/must-not-be-seen|\u001b/);
    await open(0);
    expect(pump.output()).toMatch(/A tap begins.*user=operator.*path:\/first/);
    // It ends with the service, in order.
    const last = tap('route=csv', 9);
    await open(1);
    await pump.stop();
    expect((await last).lines).toEqual([{ type: 'beat' }]);
  });

  it('has letters delivered again, forgets others, and the ledger closes', async () => {
    const { redis, sink, pump } = await world();
    await rejected(redis, pump);
    sink.status = 200;
    const change = (action: string, body: object) =>
      ask(pump, `/dead-letters/${action}`, {
        ...{ method: 'POST', headers: asOperator },
        body: { route: 'REFUSING', ...body },
      });
    const purged = await change('purge', { where: 'path:"/pets/3"' });
    expect([purged.status, purged.body]).toEqual([200, { letters: 1 }]);
    const some = (await lettersOf(pump)).slice(0, 2).map(({ id }) => id);
    expect((await change('retry', { ids: some })).body).toEqual({ letters: 2 });
    await until('they are delivered', async () => (await lettersOf(pump)).length === 7);
    expect((await change('retry', { all: true })).body).toEqual({ letters: 7 });
    await until('all are delivered', async () => (await lettersOf(pump)).length === 0);

    const ledger = (await ask(pump, '/ledger', { headers: asOperator })).body as Ledger;
    for (const { claimed, booked, pending } of ledger.routes)
      expect(Object.values(booked).reduce((sum, each) => sum + each, pending)).toBe(claimed);
    expect(ledger.dead_letters).toEqual([
      {
        ...{ route: 'REFUSING', now: 0, lost: 0 },
        booked: { stored: 10, redelivered: 9, purged: 1, dropped: 0, returned: 0 },
      },
    ]);
    expect([...sink.ids.values()]).toEqual(Array.from({ length: 9 }, () => 1));
    expect(pump.output()).toMatch(/An operator has used the Admin API.*purge-dead-letters/);
  });

  it('pauses, slows, rewinds and skips a route, says who did, and the ledger closes', async () => {
    const { redis, sink, pump } = await world(users, { retain: '1h' });
    sink.status = 200;
    const post = async (action: string, body?: object) => {
      const asking = {
        method: 'POST',
        headers: asOperator,
        ...(body === undefined ? {} : { body }),
      };
      const answer = await ask(pump, `/routes/refusing/${action}`, asking);
      expect([action, answer.status]).toEqual([action, 200]);
      return answer.body;
    };
    const said = {
      by: expect.stringMatching(/^operator.*@./) as string,
      at: expect.any(String) as string,
    };
    const push = (count: number) =>
      redis.client.rpush(
        list,
        ...Array.from({ length: count }, (_, at) => encodeRecord({ path: `/pets/${at}` })),
      );
    const books = async () => {
      const { body } = await ask(pump, '/ledger', { headers: asOperator });
      return (body as Ledger).routes.find(({ route }) => route === 'REFUSING');
    };
    await until('the service is up', async () => {
      return (await ask(pump, '/status', { headers: asOperator })).status === 200;
    });
    await push(10);
    await until('all are delivered', async () => (await books())?.booked['delivered'] === 10);

    expect(await post('rate', { records: 500 })).toEqual({
      ...{ route: 'REFUSING', rate: { records: 500, bytes: null, said } },
    });
    expect(await post('rate', { unlimited: true })).toMatchObject({
      rate: { records: null, bytes: null },
    });
    expect(await post('rate', { off: true })).toEqual({ route: 'REFUSING', rate: null });

    expect(await post('rewind', { to: '1h' })).toMatchObject({ route: 'REFUSING', records: 10 });
    await until('all are delivered again', () =>
      Promise.resolve([...sink.ids.values()].every((times) => times === 2)),
    );
    const paused = { route: 'REFUSING', has_changed: true, paused: said };
    expect(await post('pause')).toEqual(paused);
    expect(await post('pause')).toEqual({ ...paused, has_changed: false });
    await until('it stands still', async () => {
      const { body } = await ask(pump, '/routes/refusing', { headers: asOperator });
      return (body as { here: { state: string } | null }).here?.state === 'paused';
    });
    await push(5);
    await until('five wait', async () => (await books())?.pending === 5);
    expect(await post('skip-to-now')).toEqual({ route: 'REFUSING', skipped: 5 });
    const resumed = { route: 'REFUSING', has_changed: true, paused: null };
    expect(await post('resume')).toEqual(resumed);
    expect(await post('resume')).toEqual({ ...resumed, has_changed: false });

    const { claimed = 0, pending = 0, booked = {} } = (await books()) ?? {};
    expect([claimed, pending, booked['delivered'], booked['skipped']]).toEqual([25, 0, 20, 5]);
    expect(Object.values(booked).reduce((sum, each) => sum + each, pending)).toBe(claimed);
    expect([...sink.ids.values()]).toEqual(Array.from({ length: 10 }, () => 2));
    expect(pump.output()).toMatch(/An operator has used the Admin API.*skip-to-now/);
  });

  it('shows what strangers wrote as data, and all of it in the export', async () => {
    const { redis, pump } = await world();
    await rejected(redis, pump);
    const {
      lines = [],
      headers,
      text,
    } = await ask(pump, '/dead-letters/export?decode=true', {
      headers: bearer(viewer),
    });
    expect(lines).toHaveLength(10);
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    // In JSON a control character is an escape.
    expect(text.includes('\u001b')).toBe(false);
    const records = lines.map((line) => (line as { record: { path: string } }).record.path);
    expect(records).toContain(hostile.path);
  });

  it('answers on loopback alone where no user is configured, and to no page of another origin', async () => {
    const { pump } = await world({});
    const up = async (): Promise<boolean> => (await ask(pump, '/status')).status === 200;
    await until('the service is up', up);
    const port = pump.healthPort;
    const host = (name: string) => ask(pump, '/status', { headers: { host: name } });
    expect((await host('evil.example')).status).toBe(403);
    expect((await host(`localhost:${port}`)).status).toBe(200);
    const retry = (headers: Readonly<Record<string, string>>) =>
      ask(pump, '/dead-letters/retry', {
        ...{ method: 'POST', headers },
        body: { route: 'refusing', all: true },
      });
    expect((await retry({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await retry({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await retry({ origin: `http://127.0.0.1:${port}` })).status).toBe(200);
    expect((await retry({})).status).toBe(200);

    const own = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    // A machine without a network has no other address to come from.
    if (own === undefined) return;
    const asked = (path: string) => askApi(port, path, { address: own.address });
    const refused = await asked('/api/v1/status');
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      403,
      expect.stringContaining('comes from elsewhere'),
    ]);
    for (const path of ['/live', '/ready', '/metrics', '/health'])
      expect([path, (await asked(path)).status]).toEqual([path, 200]);
  });

  it('speaks TLS where a certificate is configured, with every other page', async () => {
    const certificates = await makeCertificates();
    const { certFile: tls_cert_file, keyFile: tls_key_file, ca } = certificates;
    const { pump } = await world({ ...users, tls_cert_file, tls_key_file });
    const asked = (path: string, headers = {}) => askApi(pump.healthPort, path, { ca, headers });
    const up = async (): Promise<boolean> =>
      (await asked('/api/v1/status', asOperator).catch(() => undefined))?.status === 200;
    await until('the service is up', up);
    for (const path of ['/live', '/ready', '/metrics', '/health'])
      expect([path, (await asked(path)).status]).toEqual([path, 200]);
    expect((await asked('/api/v1/status')).status).toBe(401);
    await expect(askApi(pump.healthPort, '/live')).rejects.toThrow();

    const renewed = await makeCertificates();
    await copyFile(renewed.certFile, tls_cert_file);
    await copyFile(renewed.keyFile, tls_key_file);
    const conf = path.join(pump.dir, 'pump.json');
    const written = JSON.parse(await readFile(conf, 'utf8')) as { sluice: { admin: object } };
    const operator_token = 'another-operator-token';
    written.sluice.admin = { ...written.sluice.admin, operator_token };
    await writeFile(conf, JSON.stringify(written));
    const reload = { ca, method: 'POST', headers: asOperator };
    const { body } = await askApi(pump.healthPort, '/api/v1/reload', reload);
    expect(body).toMatchObject({ last: { outcome: 'applied', settings: ['sluice.admin'] } });
    const status = (asking: Asking) => askApi(pump.healthPort, '/api/v1/status', asking);
    await expect(status({ ca })).rejects.toThrow();
    expect((await status({ ca: renewed.ca, headers: asOperator })).status).toBe(401);
    const headers = bearer(operator_token);
    expect((await status({ ca: renewed.ca, headers })).status).toBe(200);
  });

  it('shows two instances at once, and that their pumps differ', async () => {
    const { redis, pump } = await world();
    const two = use(
      await startPump({
        redis,
        pumps: { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } },
        own: { admin: users },
      }),
    );
    await listening(two);
    interface Instances {
      readonly instances: readonly {
        readonly here: boolean;
        readonly host: string;
        readonly pumps: readonly { readonly route: string }[] | null;
      }[];
      readonly remarks: readonly string[];
    }
    for (const [each, own] of [
      [pump, ['CSV', 'REFUSING']],
      [two, ['CSV']],
    ] as const) {
      let seen: Instances | undefined;
      await until('both are seen', async () => {
        const { status, body } = await ask(each, '/instances', { headers: asOperator });
        seen = status === 200 ? (body as Instances) : undefined;
        return seen?.instances.length === 2;
      });
      const [here, other] = seen?.instances ?? [];
      expect([here?.here, here?.pumps?.map(({ route }) => route), other?.here]).toEqual([
        true,
        own,
        false,
      ]);
      expect(other?.pumps).toHaveLength(3 - own.length);
      expect(seen?.remarks).toEqual([
        expect.stringMatching(/^REFUSING is not configured in /),
        expect.stringMatching(/^configurations differ: [0-9a-f]{12} in .*; [0-9a-f]{12} in /),
      ]);
    }
  });

  it('answers where Redis permits no more than delivering needs, and says what is missing', async () => {
    const rights = '+@all -pttl -info -client -config -scan -keys -object -debug';
    const { redis, pump } = await world(users, {}, [`default on nopass ~* &* ${rights}`]);
    await rejected(redis, pump);
    const get = async (path: string) => {
      const { status, body } = await ask(pump, path, { headers: bearer(viewer) });
      return [path, status, body];
    };
    for (const path of ['/ledger', '/segments', '/dead-letters/reasons', '/openapi.json'])
      expect((await get(path))[1]).toBe(200);
    const [, , lists] = await get('/lists');
    expect((lists as { lists: readonly object[] }).lists).toContainEqual(
      expect.objectContaining({ list, expires_in_seconds: null }),
    );
    expect(await get('/status')).toMatchObject([
      ...['/status', 200],
      { unnamed: { problem: expect.stringContaining('scan') as string } },
    ]);
    expect(await get('/instances')).toMatchObject(['/instances', 200, { problem: null }]);
    const said = await redis.client.hgetall(`{${list}}:state`);
    const [about = ''] = Object.entries(said).flatMap(([field, value]) =>
      field.startsWith('instance:') ? [value] : [],
    );
    expect(about).toContain('"pumps":[["CSV","csv"],["REFUSING","http"]]');
    expect(about).not.toMatch(/token-of-the|password/);
  });

  it.each([
    ['gone', (redis: RedisServer) => redis.kill9(), (redis: RedisServer) => redis.start()],
    ['silent', signalled('SIGSTOP'), signalled('SIGCONT')],
  ])('says that Redis is %s, in time', async (_, end, wake) => {
    const { redis, pump } = await world();
    await rejected(redis, pump);
    await end(redis);
    try {
      await until('it is noticed', async () => {
        const begun = performance.now();
        const { status, body } = await ask(pump, '/status', { headers: asOperator });
        // Far more than the deadline, and far less than for ever.
        expect(performance.now() - begun).toBeLessThan(20_000);
        return status === 503 && (body as { detail: string }).detail.length > 10;
      });
      const { status, body } = await ask(pump, '/routes', { headers: asOperator });
      expect([status, body]).toEqual([
        200,
        expect.objectContaining({ problem: expect.any(String) as string }),
      ]);
      expect(body).toMatchObject({
        routes: [{ route: 'CSV', books: null }, { route: 'REFUSING' }],
      });
      expect((await ask(pump, '/instances', { headers: asOperator })).body).toMatchObject({
        instances: [{ here: true }],
      });
    } finally {
      await wake(redis);
    }
  });
});
