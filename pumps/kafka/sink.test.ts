import { describe, expect, it } from 'vitest';
import { bytes, type Failure, type FailureKind } from '#pump';
import { aBatch, failureOf, outcomesOf } from '#pump/testing';
import type { Client } from './client.ts';
import { messageShape } from './encode.ts';
import { type Outcome, type RecordSet, readMessages } from './producer/producer.ts';
import { aSettings } from './settings.testing.ts';
import type { Settings } from './settings.ts';
import { KafkaSink } from './sink.ts';

const { signal } = new AbortController();
const done: Outcome<void> = { ok: true, value: undefined };
const failed = (kind: FailureKind): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { kind, message: `it is ${kind}` },
});

interface SentMessage {
  readonly partition: number;
  readonly id: string;
}

const messagesIn = (set: RecordSet): readonly SentMessage[] =>
  readMessages(set).map(({ id }) => ({ partition: set.partition, id }));

/** A client that remembers what it was given. */
function aSink({
  settings = {},
  answer = () => done,
  partitions = { ok: true, value: [0, 1, 2].map((id) => ({ id, hasLeader: true })) },
  lookUp = done,
}: {
  readonly settings?: Partial<Settings>;
  readonly answer?: (messages: readonly SentMessage[]) => Outcome<void>;
  readonly partitions?: Awaited<ReturnType<Client['partitions']>>;
  readonly lookUp?: Outcome<void>;
} = {}) {
  const sent: (readonly SentMessage[])[] = [];
  const transactions: (readonly SentMessage[])[] = [];
  const take = (calls: (readonly SentMessage[])[], sets: readonly RecordSet[]) => {
    const messages = sets.flatMap(messagesIn);
    calls.push(messages);
    return Promise.resolve(answer(messages));
  };
  const client: Client = {
    partitions: () => Promise.resolve(partitions),
    send: (set) => take(sent, [set]),
    transact: (sets) => take(transactions, sets),
    lookUp: () => Promise.resolve(lookUp),
    close: () => Promise.resolve(),
  };
  return {
    sink: new KafkaSink({ client, settings: aSettings(settings), document: messageShape({}) }),
    sent,
    transactions,
  };
}

it('sends a batch to one partition, every message with its id', async () => {
  const { sink, sent } = aSink();

  const { verdicts } = await sink.deliver(aBatch(3, {}, 's'), signal);

  expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered', 'delivered']);
  expect(sent).toHaveLength(1);
  expect(new Set(sent[0]?.map(({ partition }) => partition)).size).toBe(1);
  expect(sent[0]?.map(({ id }) => id)).toEqual(['s:0', 's:1', 's:2']);
});

describe('a failure', () => {
  it.each<FailureKind>(['unreachable', 'timeout', 'throttled', 'unauthorised', 'unexpected'])(
    'that is %s is tried again, for one record and for several',
    async (kind) => {
      const { sink } = aSink({ answer: () => failed(kind) });

      const one = await sink.deliver(aBatch(1), signal);
      const two = await sink.deliver(aBatch(2), signal);

      expect(outcomesOf([...one.verdicts, ...two.verdicts])).toEqual(['retry', 'retry', 'retry']);
      expect(failureOf(one.verdicts[0])).toEqual({ kind, message: `it is ${kind}` });
    },
  );

  it('for being too large is tried again in parts, and rejected for one record', async () => {
    const { sink } = aSink({ answer: () => failed('oversize') });

    const one = await sink.deliver(aBatch(1), signal);
    const two = await sink.deliver(aBatch(2), signal);

    expect(outcomesOf(one.verdicts)).toEqual(['reject']);
    expect(outcomesOf(two.verdicts)).toEqual(['retry', 'retry']);
  });

  it('for being too large makes the requests after it smaller', async () => {
    const { sink, sent } = aSink({
      answer: (messages) => (messages.length > 4 ? failed('oversize') : done),
    });

    const first = await sink.deliver(aBatch(8), signal);
    const second = await sink.deliver(aBatch(8), signal);

    expect(new Set(outcomesOf(first.verdicts))).toEqual(new Set(['retry']));
    expect(new Set(outcomesOf(second.verdicts))).toEqual(new Set(['delivered']));
    expect(sent.map(({ length }) => length)).toEqual([8, 3, 3, 2]);
  });

  it('for being too large alone leaves the others’ requests as they are', async () => {
    const { sink, sent } = aSink({
      answer: (messages) => (messages.length === 1 ? failed('oversize') : done),
    });

    await sink.deliver(aBatch(1), signal);
    await sink.deliver(aBatch(8), signal);

    expect(sent.map(({ length }) => length)).toEqual([1, 8]);
  });

  it('of one partition is that partition’s alone', async () => {
    const { sink, sent } = aSink({
      settings: { partitionBy: 'org_id' },
      answer: (messages) => (messages[0]?.partition === 1 ? failed('unreachable') : done),
    });
    const batch = aBatch(30, (at) => ({ org_id: `org-${at}` }), 's');

    const { verdicts } = await sink.deliver(batch, signal);

    expect(sent.length).toBe(3);
    const kept = sent.flat().filter(({ partition }) => partition === 1);
    expect(
      batch.entries.filter((_, at) => verdicts[at]?.outcome === 'retry').map(({ id }) => id),
    ).toEqual(kept.map(({ id }) => id));
    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['retry', 'delivered']));
  });

  it('to learn the partitions is everybody’s, except for those that cannot be sent', async () => {
    const { sink, sent } = aSink({ partitions: failed('unauthorised') });
    const batch = aBatch(2, (at) => (at === 0 ? { timestamp: { seconds: 253_402_300_800 } } : {}));

    const { verdicts } = await sink.deliver(batch, signal);

    expect(outcomesOf(verdicts)).toEqual(['reject', 'retry']);
    expect(sent).toEqual([]);
  });
});

it('rejects a record that is larger than batch_bytes, alone and unsent', async () => {
  const { sink, sent } = aSink({ settings: { batchBytes: bytes(5_000) } });
  const batch = aBatch(3, (at) => (at === 1 ? { raw_request: 'x'.repeat(5_000) } : {}));

  const { verdicts } = await sink.deliver(batch, signal);

  expect(outcomesOf(verdicts)).toEqual(['delivered', 'reject', 'delivered']);
  expect(failureOf(verdicts[1]).kind).toBe('oversize');
  expect(sent.flat()).toHaveLength(2);
});

it('sends nothing when there is nothing to send', async () => {
  const { sink, sent } = aSink({ partitions: failed('unreachable') });

  const { verdicts } = await sink.deliver(
    aBatch(1, { timestamp: { seconds: 253_402_300_800 } }),
    signal,
  );

  expect(outcomesOf(verdicts)).toEqual(['reject']);
  expect(sent).toEqual([]);
});

it('sends all partitions of a batch as one transaction, and judges them as one', async () => {
  const answers = [done, failed('unexpected')];
  const { sink, sent, transactions } = aSink({
    settings: { transactionalId: 'one', partitionBy: 'org_id' },
    answer: () => answers.shift() ?? done,
  });
  const batch = aBatch(9, (at) => ({ org_id: `org-${at}` }));

  const first = await sink.deliver(batch, signal);
  const second = await sink.deliver(batch, signal);

  expect(sent).toEqual([]);
  expect(transactions.map(({ length }) => length)).toEqual([9, 9]);
  expect(new Set(transactions[0]?.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  expect(new Set(outcomesOf(first.verdicts))).toEqual(new Set(['delivered']));
  expect(new Set(outcomesOf(second.verdicts))).toEqual(new Set(['retry']));
});

it('is up when the topic is there, and else says why not', async () => {
  expect(await aSink().sink.check(signal)).toEqual({ state: 'up' });
  expect(await aSink({ lookUp: failed('unauthorised') }).sink.check(signal)).toEqual({
    state: 'down',
    reason: 'it is unauthorised',
  });
});
