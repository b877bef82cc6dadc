import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, millis } from '#pump';
import { aContext } from '#pump/testing';
import { type Client, createClient } from './client.ts';
import { codes, FakeBroker } from './fake-broker.testing.ts';
import { aRecordSet } from './records.testing.ts';
import { aLogin, aSettings } from './settings.testing.ts';
import type { Settings } from './settings.ts';

const signal = (): AbortSignal => AbortSignal.timeout(5_000);
const { clock }: { readonly clock: Clock } = aContext();

describe('the client', () => {
  let broker: FakeBroker;
  let clients: Client[];

  beforeEach(async () => {
    broker = new FakeBroker();
    await broker.listen();
    clients = [];
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await broker.close();
  });

  function aClient(overrides: Partial<Settings> = {}) {
    const { log, lines } = aContext();
    const settings = aSettings({ brokers: [broker.address], ...overrides });
    const client = createClient({ settings, tls: undefined, log, clock });
    clients.push(client);
    return { client, lines };
  }

  it('keeps one connection and one number for all batches', async () => {
    const { client } = aClient();

    for (let at = 0; at < 20; at++) await client.send(aRecordSet(`${at}`, at % 3), signal());

    expect(broker.messages).toHaveLength(20);
    expect(new Set(broker.messages.map(({ producer }) => producer))).toEqual(new Set([1n]));
    expect(broker.connections).toBe(1);
  });

  it('learns the partitions without sending anything', async () => {
    const { client } = aClient();

    const found = await client.partitions(signal());

    expect(found).toEqual({ ok: true, value: [0, 1, 2].map((id) => ({ id, hasLeader: true })) });
    expect(broker.messages).toEqual([]);
  });

  it.each<[keyof typeof codes, string]>([
    ['MESSAGE_TOO_LARGE', 'oversize'],
    ['TOPIC_AUTHORIZATION_FAILED', 'unauthorised'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'unexpected'],
    ['NOT_ENOUGH_REPLICAS', 'unreachable'],
    ['INVALID_RECORD', 'unexpected'],
  ])('says that %s is %s', async (code, kind) => {
    const { client } = aClient();
    // One for the session's own repeat.
    broker.produceCodes.set(0, [codes[code], codes[code]]);

    const outcome = await client.send(aRecordSet('a'), signal());

    expect(outcome).toMatchObject({ ok: false, failure: { kind } });
    expect(outcome.ok ? '' : outcome.failure.message).toContain(code);
  });

  it('says so when nothing is there, and when nothing answers', async () => {
    const { client: lost } = aClient({ brokers: ['127.0.0.1:1'] });
    const { client: hanging } = aClient({ timeout: millis(50) });
    await broker.stall();

    expect(await lost.send(aRecordSet('a'), signal())).toMatchObject({
      failure: { kind: 'unreachable' },
    });
    expect(await hanging.send(aRecordSet('a'), signal())).toMatchObject({
      failure: { kind: 'timeout' },
    });
  });

  it('keeps its number after a refusal, and takes a new one after any other failure', async () => {
    const { client } = aClient();
    broker.produceCodes.set(0, [
      ...[codes.MESSAGE_TOO_LARGE, 0],
      ...[codes.NOT_ENOUGH_REPLICAS, codes.NOT_ENOUGH_REPLICAS],
    ]);

    const ok = [];
    for (const value of ['a', 'b', 'c', 'd'])
      ok.push((await client.send(aRecordSet(value), signal())).ok);

    expect(ok).toEqual([false, true, false, true]);
    expect(broker.messages.map(({ value, producer }) => `${value}${producer}`)).toEqual([
      'b1',
      'd2',
    ]);
  });

  it('asks who leads the partition now, and sends the same bytes once more', async () => {
    const { client } = aClient();
    await client.send(aRecordSet('a'), signal());
    const { metadataRequests } = broker;
    broker.produceCodes.set(0, [codes.NOT_LEADER_FOR_PARTITION]);

    const moved = await client.send(aRecordSet('b'), signal());
    const after = await client.send(aRecordSet('c'), signal());

    expect([moved.ok, after.ok]).toEqual([true, true]);
    expect(broker.metadataRequests).toBe(metadataRequests + 1);
    expect(
      broker.messages.map(({ value, producer, sequence }) => [value, producer, sequence]),
    ).toEqual([
      ['a', 1n, 0],
      ['b', 1n, 1],
      ['c', 1n, 2],
    ]);
  });

  it('gives up a number whose messages may be stored, even when their repeat is refused', async () => {
    const { client } = aClient();
    broker.produceCodes.set(0, [codes.NOT_ENOUGH_REPLICAS, codes.MESSAGE_TOO_LARGE]);

    const refused = await client.send(aRecordSet('a'), signal());
    await client.send(aRecordSet('b'), signal());

    expect(refused).toMatchObject({ failure: { kind: 'oversize' } });
    expect(broker.messages.map(({ producer, sequence }) => [producer, sequence])).toEqual([
      [2n, 0],
    ]);
  });

  it('does not repeat without a number', async () => {
    const { client } = aClient();
    broker.initCodes.push(codes.CLUSTER_AUTHORIZATION_FAILED);
    broker.produceCodes.set(0, [codes.NOT_ENOUGH_REPLICAS]);

    const outcome = await client.send(aRecordSet('a'), signal());

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(broker.messages).toEqual([]);
  });

  it('sends to the partitions that have a leader while another one has none', async () => {
    const { client } = aClient();
    broker.leaderless.add(1);

    const found = await client.partitions(signal());
    const led = await client.send(aRecordSet('a', 2), signal());
    const unled = await client.send(aRecordSet('b', 1), signal());

    expect(found).toEqual({
      ok: true,
      value: [0, 1, 2].map((id) => ({ id, hasLeader: id !== 1 })),
    });
    expect(led.ok).toBe(true);
    expect(unled).toMatchObject({ failure: { kind: 'unreachable' } });
  });

  it('finds a topic only where a leader is, and can be reached', async () => {
    const { client } = aClient();
    const led = await client.lookUp(signal());
    broker.advertisedPort = 1;
    const { client: elsewhere } = aClient();
    const unreachable = await elsewhere.lookUp(signal());
    for (const id of [0, 1, 2]) broker.leaderless.add(id);
    const leaderless = await elsewhere.lookUp(signal());

    expect(led.ok).toBe(true);
    expect(unreachable).toMatchObject({ failure: { kind: 'unreachable' } });
    expect(leaderless).toMatchObject({
      failure: { message: expect.stringContaining('LEADER_NOT_AVAILABLE') as string },
    });
  });

  it('leaves a broker alone for as long as it wants', async () => {
    const { client } = aClient();
    broker.throttles.push(150);
    await client.send(aRecordSet('a'), signal());
    const before = clock.elapsed();

    await client.send(aRecordSet('b'), signal());

    expect(clock.elapsed() - before).toBeGreaterThanOrEqual(140);
  });

  it.each([
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['who announces 17 MiB', Buffer.from([1, 0x10, 0, 0, 0, 0, 0, 0])],
    ['who announces less than nothing', Buffer.from([0xff, 0xff, 0xff, 0xff])],
  ])('has no faith in what answers and is no broker: %s', async (_, nonsense) => {
    const { client } = aClient({ timeout: millis(2_000) });
    broker.nonsense = nonsense;

    expect(await client.send(aRecordSet('a'), signal())).toMatchObject({
      failure: { kind: 'unreachable' },
    });
  });

  it('has one request to a partition under way', async () => {
    const { client } = aClient();
    const values = Array.from({ length: 30 }, (_, at) => String(at));

    const answers = await Promise.all(
      values.map((value) => client.send(aRecordSet(value), signal())),
    );

    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(broker.messages.map(({ value }) => value)).toEqual(values);
  });

  it('does without a number where the broker gives none, and says so once', async () => {
    const { client, lines } = aClient();
    broker.initCodes.push(codes.CLUSTER_AUTHORIZATION_FAILED);

    const first = await client.send(aRecordSet('a'), signal());
    const second = await client.send(aRecordSet('b'), signal());

    expect([first.ok, second.ok]).toEqual([true, true]);
    expect(broker.messages.map(({ producer }) => producer)).toEqual([-1n, -1n]);
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('begins with the next broker when the first one is not there', async () => {
    const { client } = aClient({ brokers: ['127.0.0.1:1', broker.address] });

    expect(await client.send(aRecordSet('a'), signal())).toMatchObject({ ok: true });
  });

  it('finds out that a topic is not there, or not for us', async () => {
    const { client } = aClient();
    const { UNKNOWN_TOPIC_OR_PARTITION: absent, TOPIC_AUTHORIZATION_FAILED: forbidden } = codes;

    const up = await client.lookUp(signal());
    broker.metadataCodes.push(absent, absent, absent);
    const gone = await client.lookUp(signal());
    broker.metadataCodes.length = 0;
    broker.metadataCodes.push(forbidden, forbidden);
    const refused = await client.lookUp(signal());

    expect(up).toMatchObject({ ok: true });
    expect(gone).toMatchObject({ failure: { kind: 'unexpected' } });
    expect(refused).toMatchObject({ failure: { kind: 'unauthorised' } });
  });

  it('works after an abort, and claims nothing of what was given up', async () => {
    const { client } = aClient();
    await client.send(aRecordSet('a'), signal());
    await broker.stall();
    const abort = new AbortController();
    const sending = client.send(aRecordSet('b'), abort.signal);
    const waiting = client.send(aRecordSet('c'), abort.signal);
    await clock.sleep(millis(20), signal());

    abort.abort();
    const outcomes = await Promise.all([sending, waiting]);
    await broker.listen();
    const after = await client.send(aRecordSet('d'), signal());

    expect(outcomes).toMatchObject([
      { ok: false, failure: { kind: 'timeout' } },
      { ok: false, failure: { kind: 'timeout' } },
    ]);
    expect(after).toMatchObject({ ok: true });
  });

  it('answers after it was closed, and opens nothing', async () => {
    const { client } = aClient();
    await client.close();

    expect(await client.send(aRecordSet('a'), signal())).toMatchObject({ ok: false });
    expect(broker.connections).toBe(0);
  });
});

it.each([
  ['new', false, 'right', true],
  ['old', true, 'right', true],
  ['new', false, 'wrong', false],
  ['old', true, 'wrong', false],
])('logs in at a broker of the %s kind', async (_, isOld, password, isIn) => {
  const broker = new FakeBroker({ password: 'right', isOld });
  await broker.listen();
  const { log } = aContext();
  const settings = aSettings({ brokers: [broker.address], login: aLogin(password) });
  const client = createClient({ settings, tls: undefined, log, clock });

  const { ok } = await client.send(aRecordSet('a'), signal());
  await client.close();
  await broker.close();

  expect(ok).toBe(isIn);
  expect(broker.messages).toHaveLength(isIn ? 1 : 0);
});
