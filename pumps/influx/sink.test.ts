import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch, Sink } from '#pump';
import {
  aBatch,
  aContext,
  aPreparedPump,
  FakeHttpServer,
  failureOf,
  type ReceivedRequest,
  type Reply,
} from '#pump/testing';
import influx from './index.ts';

const signal = AbortSignal.timeout(10_000);

let server: FakeHttpServer;
let sink: Sink | undefined;
let answer: (request: ReceivedRequest) => Reply;

beforeEach(async () => {
  answer = () => ({ status: 204 });
  server = await FakeHttpServer.start((request) => answer(request));
});
afterEach(async () => {
  await sink?.close(signal);
  await server.close();
});

async function open(meta: object = {}): Promise<Sink> {
  sink = await aPreparedPump(influx, {
    ...{ address: server.url, database_name: 'a b', fields: ['path'], ...meta },
  }).open(aContext(), signal);
  return sink;
}

async function deliver(batch: Batch, meta: object = {}) {
  return (await (await open(meta)).deliver(batch, signal)).verdicts;
}

describe('a request', () => {
  it('goes to the database, in nanoseconds', async () => {
    await deliver(aBatch(2));

    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/write' });
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      db: 'a b',
      precision: 'ns',
    });
  });

  it('keeps the path of the address', async () => {
    await deliver(aBatch(1), { address: `${server.url}/influx/` });

    expect(server.requests[0]?.path).toBe('/influx/write');
  });

  it.each([
    [{ username: 'root', password: 'pw' }, 'Basic cm9vdDpwdw=='],
    [{ username: 'root' }, 'Basic cm9vdDo='],
    [{ password: 'pw' }, undefined],
    [{}, undefined],
  ])('says who sends it: %j', async (meta, expected) => {
    await deliver(aBatch(1), meta);

    expect(server.requests[0]?.headers['authorization']).toBe(expected);
  });

  it('takes user and password from the address where the options have none', async () => {
    await deliver(aBatch(1), { address: server.url.replace('//', '//root:p%20w@') });

    expect(server.requests[0]?.headers['authorization']).toBe(
      `Basic ${Buffer.from('root:p w').toString('base64')}`,
    );
  });
});

it('rejects every record, unsent, where the options name no field', async () => {
  const verdicts = await deliver(aBatch(2), { fields: ['nope'] });

  expect(verdicts.map((verdict) => failureOf(verdict).kind)).toEqual(['invalid', 'invalid']);
  expect(server.requests).toEqual([]);
});

describe('lines that only Tyk Pump writes', () => {
  const unread = (): Reply => ({ status: 400, body: { error: "unable to parse 'x': why" } });

  it('are written while nobody minds', async () => {
    await deliver(aBatch(1), { fields: ['path', 'nope'] });

    expect(String(server.requests[0]?.body)).toMatch(/^analytics nope=,path="\/pets" /);
  });

  it('become strict once the server cannot read them', async () => {
    const opened = await open({ fields: ['path', 'nope'] });
    answer = unread;

    const { verdicts } = await opened.deliver(aBatch(1), signal);
    answer = () => ({ status: 204 });
    await opened.deliver(aBatch(1), signal);

    expect(verdicts).toMatchObject([{ outcome: 'retry', failure: { kind: 'unexpected' } }]);
    expect(String(server.requests[1]?.body)).toMatch(/^analytics path="\/pets" /);
  });

  it('are not to blame where the strict ones are the same', async () => {
    answer = unread;

    const verdicts = await deliver(aBatch(1));

    expect(verdicts).toMatchObject([{ outcome: 'reject', failure: { kind: 'invalid' } }]);
  });
});

describe('readiness', () => {
  it.each([
    [204, 'up'],
    [200, 'up'],
    [400, 'unknown'],
    [401, 'down'],
    [404, 'down'],
    [500, 'down'],
  ])('takes the answer %i to an empty write for: %s', async (status, state) => {
    answer = () => ({ status, body: { error: 'why' } });

    const health = await (await open()).check(signal);

    expect(health.state).toBe(state);
    expect(server.requests[0]?.body).toHaveLength(0);
  });
});

describe('the options', () => {
  const problemsOf = (meta: object) =>
    influx
      .prepare({
        raw: { address: 'http://localhost:8086', database_name: 'a', fields: ['path'], ...meta },
        ...{ source: 'test', key: 'meta', env: {}, envPrefix: '' },
      })
      .problems.map(({ key, severity }) => `${severity} ${key}`);

  it.each([
    [{}, []],
    [{ address: 'localhost:8086' }, ['error meta.address']],
    [{ database_name: '' }, ['warning meta.database_name']],
    [{ password: 'x' }, ['warning meta.password']],
    [{ fields: [] }, ['warning meta.fields']],
    [{ fields: ['path', 'nope'], tags: ['nope'] }, ['warning meta.fields', 'warning meta.tags']],
    [{ ssl_ca_file: 'x' }, ['warning meta.ssl_ca_file']],
    [{ address: 'https://localhost', ssl_ca_file: 'x' }, []],
  ])('%j have the problems %j', (meta, expected) => {
    expect(problemsOf(meta)).toEqual(expected);
  });

  it.each([
    ['record', 'effectively-once'],
    ['write', 'at-least-once'],
  ])('promise with the time of %s: %s', (timestamp, guarantee) => {
    const pump = aPreparedPump(influx, { address: server.url, timestamp });

    expect(pump.guarantee).toBe(guarantee);
  });

  it('come from Tyk’s variables too', () => {
    const prefix = 'TYK_PMP_PUMPS_INFLUX_META';
    const { problems } = influx.prepare({
      ...{ raw: {}, source: 'test', key: 'meta', envPrefix: prefix },
      env: {
        ...{ [`${prefix}_ADDR`]: 'http://a', [`${prefix}_DATABASENAME`]: 'd' },
        ...{ [`${prefix}_FIELDS`]: 'path,method', [`${prefix}_TAGS`]: 'nope' },
        ...{ [`${prefix}_USERNAME`]: 'u', [`${prefix}_PASSWORD`]: 'p' },
      },
    });

    expect(problems.map(({ found }) => found)).toEqual(['"nope"']);
  });
});
