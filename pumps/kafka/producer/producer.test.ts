import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, millis } from '#pump';
import { aContext } from '#pump/testing';
import { codes, FakeBroker } from './fake-broker.testing.ts';
import { Producer } from './producer.ts';
import { aRecordSet } from './record-sets.testing.ts';
import { aLogin, producerSettings } from './settings.testing.ts';
import type { ProducerSettings } from './settings.ts';

const signal = (): AbortSignal => AbortSignal.timeout(5_000);
const { clock }: { readonly clock: Clock } = aContext();

describe('the producer', () => {
  let broker: FakeBroker;
  let producers: Producer[];

  beforeEach(async () => {
    broker = new FakeBroker();
    await broker.listen();
    producers = [];
  });
  afterEach(async () => {
    await Promise.all(producers.map((producer) => producer.close()));
    await broker.close();
  });

  function aProducer(overrides: Partial<ProducerSettings> = {}) {
    const { log, lines } = aContext();
    const settings = producerSettings({ brokers: [broker.address], ...overrides });
    const producer = new Producer({ settings, tls: undefined, log, clock });
    producers.push(producer);
    return { producer, lines };
  }

  it('keeps one connection and one number for all batches', async () => {
    const { producer } = aProducer();

    for (let at = 0; at < 20; at++) await producer.send(aRecordSet(`${at}`, at % 3), signal());

    expect(broker.messages).toHaveLength(20);
    expect(new Set(broker.messages.map(({ producer }) => producer))).toEqual(new Set([1n]));
    expect(broker.connections).toBe(1);
  });

  it('learns the partitions without sending anything', async () => {
    const { producer } = aProducer();

    const found = await producer.partitions(signal());

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
    const { producer } = aProducer();
    // One for the session's own repeat.
    broker.produceCodes.set(0, [codes[code], codes[code]]);

    const outcome = await producer.send(aRecordSet('a'), signal());

    expect(outcome).toMatchObject({ ok: false, failure: { kind } });
    expect(outcome.ok ? '' : outcome.failure.message).toContain(code);
  });

  it('says so when nothing is there, and when nothing answers', async () => {
    const { producer: lost } = aProducer({ brokers: ['127.0.0.1:1'] });
    const { producer: hanging } = aProducer({ timeout: millis(50) });
    await broker.stall();

    expect(await lost.send(aRecordSet('a'), signal())).toMatchObject({
      failure: { kind: 'unreachable' },
    });
    expect(await hanging.send(aRecordSet('a'), signal())).toMatchObject({
      failure: { kind: 'timeout' },
    });
  });

  it('keeps its number after a refusal, and takes a new one after any other failure', async () => {
    const { producer } = aProducer();
    broker.produceCodes.set(0, [
      ...[codes.MESSAGE_TOO_LARGE, 0],
      ...[codes.NOT_ENOUGH_REPLICAS, codes.NOT_ENOUGH_REPLICAS],
    ]);

    const ok = [];
    for (const value of ['a', 'b', 'c', 'd'])
      ok.push((await producer.send(aRecordSet(value), signal())).ok);

    expect(ok).toEqual([false, true, false, true]);
    expect(broker.messages.map(({ value, producer }) => `${value}${producer}`)).toEqual([
      'b1',
      'd2',
    ]);
  });

  it('asks who leads the partition now, and sends the same bytes once more', async () => {
    const { producer } = aProducer();
    await producer.send(aRecordSet('a'), signal());
    const { metadataRequests } = broker;
    broker.produceCodes.set(0, [codes.NOT_LEADER_FOR_PARTITION]);

    const moved = await producer.send(aRecordSet('b'), signal());
    const after = await producer.send(aRecordSet('c'), signal());

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
    const { producer } = aProducer();
    broker.produceCodes.set(0, [codes.NOT_ENOUGH_REPLICAS, codes.MESSAGE_TOO_LARGE]);

    const refused = await producer.send(aRecordSet('a'), signal());
    await producer.send(aRecordSet('b'), signal());

    expect(refused).toMatchObject({ failure: { kind: 'oversize' } });
    expect(broker.messages.map(({ producer, sequence }) => [producer, sequence])).toEqual([
      [2n, 0],
    ]);
  });

  it('does not repeat without a number', async () => {
    const { producer } = aProducer();
    broker.initCodes.push(codes.CLUSTER_AUTHORIZATION_FAILED);
    broker.produceCodes.set(0, [codes.NOT_ENOUGH_REPLICAS]);

    const outcome = await producer.send(aRecordSet('a'), signal());

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(broker.messages).toEqual([]);
  });

  it('sends to the partitions that have a leader while another one has none', async () => {
    const { producer } = aProducer();
    broker.leaderless.add(1);

    const found = await producer.partitions(signal());
    const led = await producer.send(aRecordSet('a', 2), signal());
    const unled = await producer.send(aRecordSet('b', 1), signal());

    expect(found).toEqual({
      ok: true,
      value: [0, 1, 2].map((id) => ({ id, hasLeader: id !== 1 })),
    });
    expect(led.ok).toBe(true);
    expect(unled).toMatchObject({ failure: { kind: 'unreachable' } });
  });

  it('finds a topic only where a leader is, and can be reached', async () => {
    const { producer } = aProducer();
    const led = await producer.lookUp(signal());
    broker.advertisedPort = 1;
    const { producer: elsewhere } = aProducer();
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
    const { producer } = aProducer();
    broker.throttles.push(150);
    await producer.send(aRecordSet('a'), signal());
    const before = clock.elapsed();

    await producer.send(aRecordSet('b'), signal());

    expect(clock.elapsed() - before).toBeGreaterThanOrEqual(140);
  });

  it.each([
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['who announces 17 MiB', Buffer.from([1, 0x10, 0, 0, 0, 0, 0, 0])],
    ['who announces less than nothing', Buffer.from([0xff, 0xff, 0xff, 0xff])],
  ])('has no faith in what answers and is no broker: %s', async (_, nonsense) => {
    const { producer } = aProducer({ timeout: millis(2_000) });
    broker.nonsense = nonsense;

    expect(await producer.send(aRecordSet('a'), signal())).toMatchObject({
      failure: { kind: 'unreachable' },
    });
  });

  it('has one request to a partition under way', async () => {
    const { producer } = aProducer();
    const values = Array.from({ length: 30 }, (_, at) => String(at));

    const answers = await Promise.all(
      values.map((value) => producer.send(aRecordSet(value), signal())),
    );

    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(broker.messages.map(({ value }) => value)).toEqual(values);
  });

  it('does without a number where the broker gives none, and says so once', async () => {
    const { producer, lines } = aProducer();
    broker.initCodes.push(codes.CLUSTER_AUTHORIZATION_FAILED);

    const first = await producer.send(aRecordSet('a'), signal());
    const second = await producer.send(aRecordSet('b'), signal());

    expect([first.ok, second.ok]).toEqual([true, true]);
    expect(broker.messages.map(({ producer }) => producer)).toEqual([-1n, -1n]);
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('begins with the next broker when the first one is not there', async () => {
    const { producer } = aProducer({ brokers: ['127.0.0.1:1', broker.address] });

    expect(await producer.send(aRecordSet('a'), signal())).toMatchObject({ ok: true });
  });

  it('finds out that a topic is not there, or not for us', async () => {
    const { producer } = aProducer();
    const { UNKNOWN_TOPIC_OR_PARTITION: absent, TOPIC_AUTHORIZATION_FAILED: forbidden } = codes;

    const up = await producer.lookUp(signal());
    broker.metadataCodes.push(absent, absent, absent);
    const gone = await producer.lookUp(signal());
    broker.metadataCodes.length = 0;
    broker.metadataCodes.push(forbidden, forbidden);
    const refused = await producer.lookUp(signal());

    expect(up).toMatchObject({ ok: true });
    expect(gone).toMatchObject({ failure: { kind: 'unexpected' } });
    expect(refused).toMatchObject({ failure: { kind: 'unauthorised' } });
  });

  it('works after an abort, and claims nothing of what was given up', async () => {
    const { producer } = aProducer();
    await producer.send(aRecordSet('a'), signal());
    await broker.stall();
    const abort = new AbortController();
    const sending = producer.send(aRecordSet('b'), abort.signal);
    const waiting = producer.send(aRecordSet('c'), abort.signal);
    await clock.sleep(millis(20), signal());

    abort.abort();
    const outcomes = await Promise.all([sending, waiting]);
    await broker.listen();
    const after = await producer.send(aRecordSet('d'), signal());

    expect(outcomes).toMatchObject([
      { ok: false, failure: { kind: 'timeout' } },
      // It was not sent.
      { ok: false, failure: { kind: 'unreachable' } },
    ]);
    expect(after).toMatchObject({ ok: true });
  });

  it('answers after it was closed, and opens nothing', async () => {
    const { producer } = aProducer();
    await producer.close();

    expect(await producer.send(aRecordSet('a'), signal())).toMatchObject({ ok: false });
    expect(broker.connections).toBe(0);
  });
});

describe('a batch in doubt', () => {
  let broker: FakeBroker;
  let producer: Producer;

  beforeEach(async () => {
    broker = new FakeBroker();
    await broker.listen();
    const settings = producerSettings({ brokers: [broker.address] });
    producer = new Producer({ settings, tls: undefined, log: aContext().log, clock });
    await producer.send(aRecordSet('before'), signal());
    await producer.send(aRecordSet('elsewhere', 1), signal());
  });
  afterEach(async () => {
    await producer.close();
    await broker.close();
  });

  /** Each message that is stored, with the number it came under. */
  const stored = () =>
    broker.messages.map(({ value, producer: number }) => `${value} ${number}`).toSorted();
  const send = async (value: string, partition = 0, until = signal()): Promise<boolean> =>
    (await producer.send(aRecordSet(value, partition), until)).ok;

  it.each([1, 4])('is stored once when its answer is lost, %d times', async (times) => {
    broker.answersToLose = times;

    const isStored = await send('doubtful');
    const isNext = await send('next');

    expect([isStored, isNext]).toEqual([true, true]);
    expect(stored()).toEqual(['before 1', 'doubtful 1', 'elsewhere 1', 'next 1']);
    expect(broker.repeats).toBe(times);
  });

  it('keeps its place while the broker is away, and those behind it wait', async () => {
    broker.answersToLose = 1;
    const sending = [send('doubtful'), send('next')];
    await expect.poll(() => broker.messages.length).toBe(3);
    await broker.close();
    // Longer than one repeat would take.
    await clock.sleep(millis(400), signal());
    await broker.listen();

    expect(await Promise.all(sending)).toEqual([true, true]);
    expect(stored()).toEqual(['before 1', 'doubtful 1', 'elsewhere 1', 'next 1']);
    expect(broker.repeats).toBe(1);
  });

  it('is asked for again where the partition went, however often it moves', async () => {
    const { NOT_LEADER_FOR_PARTITION: moved } = codes;
    broker.produceCodes.set(0, [codes.REQUEST_TIMED_OUT, moved, moved, moved]);

    expect(await send('doubtful')).toBe(true);
    expect(await send('next')).toBe(true);
    expect(stored()).toEqual(['before 1', 'doubtful 1', 'elsewhere 1', 'next 1']);
  });

  it('is given up at the deadline: what follows has another number and is stored', async () => {
    const deadline = new AbortController();
    broker.answersToLose = 1;
    const sending = producer.send(aRecordSet('doubtful'), deadline.signal);
    await expect.poll(() => broker.messages.length).toBe(3);
    await broker.close();
    await clock.sleep(millis(200), signal());
    deadline.abort();
    const outcome = await sending;
    await broker.listen();

    const after = [await send('doubtful'), await send('next'), await send('elsewhere too', 1)];

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(after).toEqual([true, true, true]);
    expect(stored()).toEqual([
      ...['before 1', 'doubtful 1', 'doubtful 2'],
      // The other partition has nothing in doubt.
      ...['elsewhere 1', 'elsewhere too 1', 'next 2'],
    ]);
  });

  it.each(['UNKNOWN_PRODUCER_ID', 'OUT_OF_ORDER_SEQUENCE_NUMBER'] as const)(
    'is given up where the broker knows its number no more (%s), and goes under another one',
    async (code) => {
      broker.produceCodes.set(0, [codes.REQUEST_TIMED_OUT, codes[code]]);

      const first = await producer.send(aRecordSet('doubtful'), signal());

      expect(first).toMatchObject({
        failure: { message: expect.stringContaining(code) as string },
      });
      expect([await send('doubtful'), await send('next')]).toEqual([true, true]);
      expect(stored()).toEqual(['before 1', 'doubtful 2', 'elsewhere 1', 'next 2']);
    },
  );

  it('ends when the producer is closed', async () => {
    broker.answersToLose = 1;
    const sending = send('doubtful');
    await expect.poll(() => broker.messages.length).toBe(3);
    await broker.close();

    await producer.close();

    expect(await sending).toBe(false);
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
  const settings = producerSettings({ brokers: [broker.address], login: aLogin(password) });
  const producer = new Producer({ settings, tls: undefined, log, clock });

  const { ok } = await producer.send(aRecordSet('a'), signal());
  await producer.close();
  await broker.close();

  expect(ok).toBe(isIn);
  expect(broker.messages).toHaveLength(isIn ? 1 : 0);
});
