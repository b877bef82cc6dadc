import { describe, expect, it } from 'vitest';
import { Batch, type Entry, type Millis, millis } from '#pump';
import { aBatch, aContext, anEntry, aPreparedPump } from '#pump/testing';
import type { Answer, Client, Outcome, Request } from './client.ts';
import elasticsearch from './index.ts';
import type { Settings } from './settings.ts';
import { ElasticsearchSink } from './sink.ts';
import type { Dialect } from './version.ts';

const signal = AbortSignal.timeout(5_000);
const es8: Dialect = { product: 'elasticsearch', major: 8, minor: 0 };
const es6: Dialect = { product: 'elasticsearch', major: 6, minor: 8 };

describe('a bulk request', () => {
  it('creates each document under its record id', async () => {
    const { sink, requests } = aSink();

    await sink.deliver(aBatch(2, {}, 'segment'), signal);

    expect(requests.map(({ method, contentType }) => [method, contentType])).toEqual([
      ['POST', 'application/x-ndjson'],
    ]);
    expect(actionsOf(requests[0])).toEqual([
      { create: { _index: 'requests', _id: 'segment:0' } },
      { create: { _index: 'requests', _id: 'segment:1' } },
    ]);
  });

  it('asks for the parts of the answer that verdicts are made of', async () => {
    const { sink, requests } = aSink({ settings: { pipeline: 'a b' } });

    await sink.deliver(aBatch(1), signal);

    expect(requests[0]?.path).toBe(
      '/_bulk?filter_path=errors,items.*.status,items.*.error&pipeline=a%20b',
    );
  });

  it('names a type to servers that have types', async () => {
    const { sink, requests } = aSink({ dialect: es6 });

    await sink.deliver(aBatch(1, {}, 's'), signal);

    expect(actionsOf(requests[0])).toEqual([
      { create: { _index: 'requests', _type: 'request', _id: 's:0' } },
    ]);
  });

  it.each([
    ['tyk', 'index', '\ufffd'],
    ['tyk_hex', 'index', 16],
  ] as const)('overwrites with ids of the scheme %s', async (ids, operation, form) => {
    const { sink, requests } = aSink({ settings: { ids } });

    await sink.deliver(
      aBatch(20, (index) => ({ path: `/${index}` })),
      signal,
    );

    const written = actionsOf(requests[0]) as readonly Record<string, { _id: string }>[];
    const all = written.map((action) => action[operation]?._id ?? '');
    if (typeof form === 'number')
      expect(new Set(all.map((id) => id.length))).toEqual(new Set([form]));
    else expect(all.join('')).toContain(form);
  });

  it('leaves the id to the server where it is told to', async () => {
    const { sink, requests } = aSink({ settings: { ids: 'none' } });

    await sink.deliver(aBatch(1), signal);

    expect(actionsOf(requests[0])).toEqual([{ index: { _index: 'requests' } }]);
  });

  it('only creates in a data stream', async () => {
    const { sink, requests } = aSink({ settings: { ids: 'none', isDataStream: true } });

    await sink.deliver(aBatch(1), signal);

    expect(actionsOf(requests[0])).toEqual([{ create: { _index: 'requests' } }]);
  });

  it('is cut where it grows too large, with at least one document in each part', async () => {
    const { sink, requests } = aSink({ settings: { bodyBytes: 10 as Settings['bodyBytes'] } });

    const { verdicts } = await sink.deliver(aBatch(3), signal);

    expect(requests.map((request) => actionsOf(request).length)).toEqual([1, 1, 1]);
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('judges the parts apart', async () => {
    const { sink } = aSink({
      settings: { bodyBytes: 10 as Settings['bodyBytes'] },
      answers: [bulkAnswer(1), { ok: true, answer: anAnswer(503) }, bulkAnswer(1)],
    });

    const { verdicts } = await sink.deliver(aBatch(3), signal);

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'retry', 'delivered']);
  });
});

describe('requests for single documents', () => {
  it.each([
    [es8, 'record', 'PUT', '/requests/_doc/s%3A0?op_type=create'],
    [es6, 'record', 'PUT', '/requests/request/s%3A0?op_type=create'],
    [es8, 'none', 'POST', '/requests/_doc'],
  ] as const)('to %j with ids of the scheme %s', async (dialect, ids, method, path) => {
    const { sink, requests } = aSink({ dialect, settings: { ids, isBulk: false } });

    await sink.deliver(aBatch(1, {}, 's'), signal);

    expect(requests).toMatchObject([{ method, path, contentType: 'application/json' }]);
  });

  it('gives every record its own verdict', async () => {
    const { sink } = aSink({
      settings: { isBulk: false },
      answers: [
        { ok: true, answer: anAnswer(201, { _id: 'x' }) },
        { ok: true, answer: anAnswer(400, { error: { type: 'mapper_parsing_exception' } }) },
        { ok: false, failure: { kind: 'unreachable', message: 'gone' } },
      ],
    });

    const { verdicts } = await sink.deliver(aBatch(3), signal);

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'reject', 'retry']);
  });
});

describe('a record without a document', () => {
  const tooLate = (): Entry =>
    anEntry({ timestamp: { seconds: 253_402_300_800, nanos: 0, zone: 'UTC' } });

  it('is rejected, and the others are sent', async () => {
    const { sink, requests } = aSink();

    const { verdicts } = await sink.deliver(Batch.of([anEntry(), tooLate(), anEntry()]), signal);

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'reject', 'delivered']);
    expect(actionsOf(requests[0])).toHaveLength(2);
  });

  it('alone causes no request', async () => {
    const { sink, requests } = aSink();

    await sink.deliver(Batch.of([tooLate()]), signal);

    expect(requests).toEqual([]);
  });
});

describe('without an answer', () => {
  it('passes the failure on for every record', async () => {
    const failure = { kind: 'timeout', message: 'too late' } as const;
    const { sink } = aSink({ answers: [{ ok: false, failure }] });

    const { verdicts } = await sink.deliver(aBatch(2), signal);

    expect(verdicts).toEqual([
      { outcome: 'retry', failure },
      { outcome: 'retry', failure },
    ]);
  });
});

describe('sniffing', () => {
  it('asks for the nodes with the first delivery, and again after a while', async () => {
    const clock = { now: 0 };
    const { sink, client } = aSink({ isSniffing: true, elapsed: () => millis(clock.now) });

    await sink.deliver(aBatch(1), signal);
    await sink.deliver(aBatch(1), signal);
    clock.now += 15 * 60_000;
    await sink.deliver(aBatch(1), signal);

    expect(client.sniffs).toBe(2);
  });

  it('goes back to the named nodes when one is lost', async () => {
    const { sink, client } = aSink({
      isSniffing: true,
      answers: [{ ok: false, failure: { kind: 'unreachable', message: 'gone' } }],
    });

    await sink.deliver(aBatch(1), signal);

    expect(client.resets).toBe(1);
  });

  it('is left alone where it is not asked for', async () => {
    const { sink, client } = aSink();

    await sink.deliver(aBatch(1), signal);

    expect(client.sniffs).toBe(0);
  });
});

describe('the check', () => {
  it.each([
    [200, 'up'],
    [401, 'down'],
    [403, 'unknown'],
    [404, 'unknown'],
    [429, 'down'],
    [503, 'down'],
  ])('takes a status of %i for %s', async (status, state) => {
    const { sink } = aSink({ answers: [{ ok: true, answer: anAnswer(status) }] });

    expect(await sink.check(signal)).toMatchObject({ state });
  });
});

describe('opening', () => {
  it('fails while a server that is to be asked for its version is away', async () => {
    const pump = aPreparedPump(elasticsearch, { elasticsearch_url: 'http://127.0.0.1:1' });

    await expect(pump.open(aContext(), signal)).rejects.toThrow('No connection');
  });

  it('asks nobody where the version is stated', async () => {
    const pump = aPreparedPump(elasticsearch, {
      elasticsearch_url: 'http://127.0.0.1:1',
      version: '7',
    });

    const sink = await pump.open(aContext(), signal);

    await sink.close(signal);
    expect(sink).toBeInstanceOf(ElasticsearchSink);
  });

  it('names the servers in the log, without their passwords', async () => {
    const context = aContext();
    const pump = aPreparedPump(elasticsearch, {
      elasticsearch_url: 'http://me:hidden@127.0.0.1:1',
      version: '7',
    });

    await (await pump.open(context, signal)).close(signal);

    expect(context.lines).toMatchObject([{ fields: { urls: ['http://***:***@127.0.0.1:1/'] } }]);
  });
});

interface Circumstances {
  readonly settings?: Partial<Settings>;
  readonly dialect?: Dialect;
  /** One for each request; beyond them all goes well. */
  readonly answers?: readonly Outcome[];
  readonly isSniffing?: boolean;
  readonly elapsed?: () => Millis;
}

function aSink({
  settings,
  dialect = es8,
  answers = [],
  isSniffing = false,
  elapsed,
}: Circumstances = {}) {
  const client = new FakeClient(answers);
  const { clock } = aContext();
  const sink = new ElasticsearchSink({
    client,
    settings: {
      index: 'requests',
      mcpIndex: undefined,
      type: 'request',
      roll: 'never',
      ids: 'record',
      isBulk: true,
      isDataStream: false,
      pipeline: undefined,
      template: undefined,
      isCompressed: false,
      extendedStats: false,
      decodeBase64: false,
      bodyBytes: 1_000_000 as Settings['bodyBytes'],
      ...settings,
    },
    dialect,
    clock: elapsed === undefined ? clock : { ...clock, elapsed },
    isSniffing,
  });
  return { sink, client, requests: client.requests };
}

class FakeClient implements Client {
  readonly requests: Request[] = [];
  sniffs = 0;
  resets = 0;
  readonly #answers: Outcome[];

  constructor(answers: readonly Outcome[]) {
    this.#answers = [...answers];
  }

  send(request: Request): Promise<Outcome> {
    this.requests.push(request);
    const count = request.path.startsWith('/_bulk') ? actionsOf(request).length : 0;
    const good: Outcome =
      count > 0 ? bulkAnswer(count) : { ok: true, answer: anAnswer(201, { _id: 'x' }) };
    return Promise.resolve(this.#answers.shift() ?? good);
  }

  sniff(): Promise<boolean> {
    this.sniffs += 1;
    return Promise.resolve(true);
  }

  forgetSniffed(): void {
    this.resets += 1;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const anAnswer = (status: number, body?: unknown): Answer => ({ status, body, headers: {} });

const bulkAnswer = (count: number): Outcome => ({
  ok: true,
  answer: anAnswer(200, {
    errors: false,
    items: Array.from({ length: count }, () => ({ create: { status: 201 } })),
  }),
});

const linesOf = (request: Request | undefined): readonly unknown[] =>
  (request?.body?.toString() ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

const actionsOf = (request: Request | undefined): readonly unknown[] =>
  linesOf(request).filter((_, at) => at % 2 === 0);
