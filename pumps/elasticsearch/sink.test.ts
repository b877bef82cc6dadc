import { describe, expect, it } from 'vitest';
import { Batch, type Entry, millis } from '#pump';
import { aBatch, anEntry } from '#pump/testing';
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
