import { describe, expect, it } from 'vitest';
import { Batch, type Entry, millis } from '#pump';
import { aBatch, anEntry, outcomesOf } from '#pump/testing';
import { AllStored } from './all-stored.ts';
import type { Outcome, Request } from './client.ts';
import { actionsOf, anAnswer, aSink } from './sink.testing.ts';

const signal = AbortSignal.timeout(5_000);

describe('a record without a document', () => {
  const tooLate = (): Entry =>
    anEntry({ timestamp: { seconds: 253_402_300_800, nanos: 0, zone: 'UTC' } });

  it('is rejected, and the others are sent', async () => {
    const { sink, requests } = aSink();

    const { verdicts } = await sink.deliver(Batch.of([anEntry(), tooLate(), anEntry()]), signal);

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'reject', 'delivered']);
    expect(actionsOf(requests[0])).toHaveLength(2);
  });

  it('is rejected for itself also where no other is in the batch, so that nothing is halved', async () => {
    const { sink } = aSink();

    const delivery = await sink.deliver(Batch.of([tooLate(), tooLate(), tooLate()]), signal);

    expect(outcomesOf(delivery.verdicts)).toEqual(['reject', 'reject', 'reject']);
    expect(delivery.ofRequest).toBeUndefined();
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

describe('when something failed', () => {
  const bad = { status: 400, error: { type: 'mapper_parsing_exception', reason: 'no' } };
  const answering = (items: readonly object[]): Outcome => ({
    ok: true,
    answer: anAnswer(200, { errors: true, items: items.map((item) => ({ create: item })) }),
  });
  const allWell: Outcome = { ok: true, answer: anAnswer(200, new AllStored(2, Buffer.alloc(0))) };
  const asksForIds = ({ path }: Request): boolean => path.includes('items.*._id');

  it('asks again which documents are meant, and goes by what is said then', async () => {
    const { sink, requests } = aSink({
      answers: [
        answering([bad, { status: 201 }]),
        answering([
          { _id: 's:0', status: 409 },
          { _id: 's:1', ...bad },
        ]),
      ],
    });

    const { verdicts } = await sink.deliver(aBatch(2, {}, 's'), signal);

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'reject']);
    expect(requests.map(asksForIds)).toEqual([false, true]);
    expect(requests[1]?.body?.equals(requests[0]?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it.each([
    ['no ids', [bad, { status: 201 }]],
    [
      'another order',
      [
        { _id: 's:1', ...bad },
        { _id: 's:0', status: 201 },
      ],
    ],
  ])('counts nothing where the second answer has %s', async (_, items) => {
    const { sink } = aSink({ answers: [answering([bad, { status: 201 }]), answering(items)] });

    const { verdicts } = await sink.deliver(aBatch(2, {}, 's'), signal);

    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry']);
  });

  it('asks for ids at once until a hundred answers have gone well', async () => {
    const answers = [
      answering([bad, { status: 201 }]),
      answering([
        { _id: 's:0', ...bad },
        { _id: 's:1', status: 201 },
      ]),
      ...new Array<Outcome>(101).fill(allWell),
    ];
    const { sink, requests } = aSink({ answers });

    for (let at = 0; at < 102; at++) await sink.deliver(aBatch(2, {}, 's'), signal);

    expect(requests.slice(1).map(asksForIds)).toEqual([
      ...new Array<boolean>(101).fill(true),
      false,
    ]);
  });

  it('does not ask twice where the ids are the server’s own', async () => {
    const { sink, requests } = aSink({
      settings: { ids: 'none' },
      answers: [answering([bad, { status: 201 }])],
    });

    const { verdicts } = await sink.deliver(aBatch(2, {}, 's'), signal);

    expect(outcomesOf(verdicts)).toEqual(['reject', 'delivered']);
    expect(requests).toHaveLength(1);
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
