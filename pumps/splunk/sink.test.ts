import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch, Sink, Verdict } from '#pump';
import {
  aBatch,
  aContext,
  aPreparedPump,
  FakeHttpServer,
  failureOf,
  outcomesOf,
  type ReceivedRequest,
  type Reply,
} from '#pump/testing';
import { type CollectorOptions, collector, says } from './collector.testing.ts';
import splunk from './index.ts';

const signal = AbortSignal.timeout(20_000);

let server: FakeHttpServer;
let events: string[];
let answer: (request: ReceivedRequest) => Reply;
let sink: Sink | undefined;

beforeEach(async () => {
  events = [];
  play();
  server = await FakeHttpServer.start((request) => answer(request));
});
afterEach(async () => {
  await sink?.close(signal);
  await server.close();
});

function play(options: Partial<CollectorOptions> = {}): void {
  answer = collector({ token: 't', events, ...options });
}

async function open(meta: object = {}): Promise<Sink> {
  sink = await aPreparedPump(splunk, {
    ...{
      collector_url: `${server.url}/any?x=y`,
      collector_token: 't',
      enable_batch: true,
      ...meta,
    },
  }).open(aContext(), signal);
  return sink;
}

const deliver = async (
  batch: Batch,
  meta: object = {},
  deadline: AbortSignal = signal,
): Promise<readonly Verdict[]> => (await (await open(meta)).deliver(batch, deadline)).verdicts;

const posts = () => server.requests.filter(({ path }) => path.includes('/event'));

describe('requests', () => {
  it('go to the collector’s path with the token and the query of the address, all events in one', async () => {
    const verdicts = await deliver(aBatch(3));

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(events).toHaveLength(3);
    expect(server.requests).toMatchObject([
      { path: '/services/collector/event/1.0', headers: { authorization: 'Splunk t' } },
    ]);
    expect(server.requests[0]?.query.toString()).toBe('x=y');
  });

  it('have one event each without enable_batch', async () => {
    await deliver(aBatch(9), { enable_batch: false });

    expect(posts()).toHaveLength(9);
    expect(events).toHaveLength(9);
  });

  it('are cut at batch_max_content_length; a larger event goes alone, and none is empty', async () => {
    const long = { raw_request: 'x'.repeat(5_000) };

    const verdicts = await deliver(
      aBatch(6, (at) => (at === 0 || at === 3 ? long : {})),
      { batch_max_content_length: 1_000 },
    );

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
    expect(posts().map(({ body }) => String(body).split('"time":').length - 1)).toEqual([
      ...[1, 2, 1, 2],
    ]);
  });
});

describe('an answer', () => {
  it.each([
    [says(401, 3, 'Invalid authorization'), 'unauthorised'],
    [says(403, 4, 'Invalid token'), 'unauthorised'],
    [says(400, 7, 'Incorrect index'), 'unexpected'],
    [says(400, 10, 'Data channel is missing'), 'unexpected'],
    [says(429, 26, 'Too many'), 'throttled'],
    [says(503, 9, 'Server is busy'), 'throttled'],
    [says(500, 8, 'Internal server error'), 'unexpected'],
    [{ status: 502, body: '<html>' }, 'unreachable'],
    [{ status: 504, body: '' }, 'timeout'],
    [{ status: 404, body: '' }, 'unexpected'],
    [says(200, 8, 'Odd'), 'unexpected'],
    [{ status: 201, body: '' }, 'unexpected'],
  ])('%j has everything sent again', async (reply, kind) => {
    answer = () => reply;

    const verdicts = await deliver(aBatch(2));

    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry']);
    expect(failureOf(verdicts[0]).kind).toBe(kind);
  });

  it('is waited for as long as it says', async () => {
    answer = () => ({ ...says(503, 9, 'Server is busy'), headers: { 'retry-after': '3' } });

    expect(await deliver(aBatch(1))).toMatchObject([{ after: 3_000 }]);
  });

  it('of a collector that is no Splunk may be any 200', async () => {
    answer = () => ({ status: 200, body: 'ok' });

    expect(outcomesOf(await deliver(aBatch(1)))).toEqual(['delivered']);
  });

  it('with the number of an event rejects that one', async () => {
    play({ refuses: (event) => event.includes('/bad') });

    const verdicts = await deliver(aBatch(3, (at) => ({ path: at === 1 ? '/bad' : '/good' })));

    expect(outcomesOf(verdicts)).toEqual(['retry', 'reject', 'retry']);
    expect(failureOf(verdicts[1])).toMatchObject({
      kind: 'invalid',
      message: 'The collector answered 400: Invalid data format (code 6)',
    });
  });

  it('with the number of an innocent event rejects nobody', async () => {
    play({ refuses: (event) => event.includes('/bad') });
    const strict = answer;
    answer = (request) => {
      const reply = strict(request);
      const body = reply.body as Readonly<Record<string, unknown>>;
      return reply.status === 400
        ? { ...reply, body: { ...body, 'invalid-event-number': 2 } }
        : reply;
    };

    const verdicts = await deliver(aBatch(3, (at) => ({ path: at === 1 ? '/bad' : '/good' })));

    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry', 'delivered']);
  });

  it('without a number leaves it to the courier to find the event', async () => {
    answer = () => says(400, 6, 'Invalid data format');

    const delivery = await (await open({})).deliver(aBatch(3), signal);

    expect(delivery.ofRequest).toMatchObject({ outcome: 'reject', failure: { kind: 'invalid' } });
  });

  it('without a number, to a part of the batch, has that part sent again', async () => {
    answer = () => says(400, 6, 'Invalid data format');

    const verdicts = await deliver(aBatch(4), { batch_max_content_length: 800 });

    expect(posts()).toHaveLength(2);
    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry', 'retry', 'retry']);
  });

  it('that it is too large has the batch halved, or rejects one event alone', async () => {
    answer = () => says(413, 27, 'Request entity too large');

    const several = await deliver(aBatch(3));
    const alone = await deliver(aBatch(1));

    expect(several[0]).toMatchObject({ outcome: 'retry', failure: { kind: 'oversize' } });
    expect(alone[0]).toMatchObject({ outcome: 'reject', failure: { kind: 'oversize' } });
  });
});

describe('indexer acknowledgement', () => {
  const meta = { indexer_acknowledgement: true };

  it('is asked for until it is there', async () => {
    play({ acknowledges: 2 });

    const verdicts = await deliver(aBatch(2), meta);

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
    expect(server.requests.filter(({ path }) => path.endsWith('/ack'))).toHaveLength(2);
  });

  it('uses the channel of the options', async () => {
    play({ acknowledges: 2 });
    const channel = '7f3a0f5e-1c5b-4b7e-9d0e-2b1a6c0d8e4f';

    await deliver(aBatch(1), { ...meta, channel });

    expect(server.requests[0]?.headers['x-splunk-request-channel']).toBe(channel);
    expect(server.requests[1]?.query.get('channel')).toBe(channel);
  });

  it('that does not come before the deadline means: again', async () => {
    play({ acknowledges: 2 });
    const strict = answer;
    answer = (request) =>
      request.path.endsWith('/ack')
        ? { status: 200, body: { acks: { 0: false } } }
        : strict(request);

    const verdicts = await deliver(aBatch(1), meta, AbortSignal.timeout(100));

    expect(verdicts).toMatchObject([{ outcome: 'retry', failure: { kind: 'timeout' } }]);
  });

  it('that the token does not have is said', async () => {
    const verdicts = await deliver(aBatch(1), meta);

    expect(failureOf(verdicts[0]).message).toBe('The collector gave no number to ask for.');
  });

  it('that the token wants is said', async () => {
    play({ acknowledges: 2 });

    const verdicts = await deliver(aBatch(1));

    expect(failureOf(verdicts[0]).message).toContain('the token wants indexer_acknowledgement');
  });
});

describe('readiness', () => {
  it.each([
    [says(200, 17, 'HEC is healthy'), 'up'],
    [says(503, 18, 'HEC is unhealthy, queues are full'), 'down'],
    [{ status: 404, body: '' }, 'unknown'],
  ])('takes %j for: %s', async (reply, state) => {
    answer = () => reply;

    expect((await (await open()).check(signal)).state).toBe(state);
  });
});

describe('readiness of a collector in order', () => {
  it.each([
    ['a token that it does not know', { token: 'another' }, 'Invalid token'],
    [
      'a token that wants a channel',
      { acknowledges: 1 },
      'the token wants indexer_acknowledgement',
    ],
  ])('fails for %s', async (_, options, reason) => {
    play(options);

    expect(await (await open()).check(signal)).toEqual({
      state: 'down',
      reason: expect.stringContaining(reason) as string,
    });
  });

  it('tries the token once, and not at all once events were taken', async () => {
    const paths: string[] = [];
    const collect = answer;
    answer = (request) => {
      paths.push(request.path);
      return collect(request);
    };
    const tried = await open();
    const first = await tried.check(signal);
    await tried.check(signal);
    const asked = paths.splice(0);
    await sink?.close(signal);
    const used = await open();
    await used.deliver(aBatch(1), signal);
    paths.splice(0);
    const second = await used.check(signal);

    expect([first, second]).toEqual([{ state: 'up' }, { state: 'up' }]);
    expect(asked.map((path) => path.split('/').at(-2))).toEqual(['health', 'event', 'health']);
    expect(paths.map((path) => path.split('/').at(-2))).toEqual(['health']);
    expect(events).toHaveLength(1);
  });
});

describe('the options', () => {
  const prepare = (raw: object, env: Readonly<Record<string, string>> = {}) =>
    splunk.prepare({ raw, source: 'test', key: 'meta', env, envPrefix: splunk.envPrefix });
  const needed = { collector_url: 'http://localhost:8088', collector_token: 't' };

  it.each([
    [{}, []],
    [{ max_retries: 3 }, []],
    [{ collector_url: 'localhost' }, ['error meta.collector_url']],
    [{ collector_token: '' }, ['error meta.collector_token']],
    [{ fields: ['nope'] }, ['warning meta.fields']],
    [{ ignore_tag_prefix_list: ['a'] }, ['warning meta.ignore_tag_prefix_list']],
    [{ ignore_tag_prefix_list: [''], fields: ['tags'] }, ['warning meta.ignore_tag_prefix_list']],
    [{ channel: 'x' }, ['warning meta.channel', 'error meta.channel']],
    [{ ssl_insecure_skip_verify: true }, ['warning meta.ssl_ca_file']],
  ])('%j have the problems %j', (more, expected) => {
    const { problems } = prepare({ ...needed, ...more });

    expect(problems.map(({ key, severity }) => `${severity} ${key}`)).toEqual(expected);
  });

  it('must have a URL and a token', () => {
    expect(prepare({}).pump).toBeUndefined();
  });

  it('come from Tyk’s variables too', () => {
    const said = { COLLECTORTOKEN: 't', COLLECTORURL: 'http://a', FIELDS: 'nope,tags' };
    const flags = { ENABLEBATCH: 'true', OBFUSCATEAPIKEYS: 'true', SSLINSECURESKIPVERIFY: 'false' };
    const numbers = { OBFUSCATEAPIKEYSLENGTH: '4', BATCHMAXCONTENTLENGTH: '9', MAXRETRIES: '2' };
    const texts = { IGNORETAGPREFIXLIST: 'a', SSLCERTFILE: '', SSLKEYFILE: '', SSLCAFILE: '' };
    const env = Object.fromEntries(
      Object.entries({ ...said, ...flags, ...numbers, ...texts, SSLSERVERNAME: '' }).map(
        ([name, value]): [string, string] => [`${splunk.envPrefix}_${name}`, value],
      ),
    );

    expect(prepare({}, env).problems.map(({ found }) => found)).toEqual(['"nope"']);
  });
});
