import { describe, expect, it } from 'vitest';
import { secret } from '../config/options/builders.ts';
import type { MetaSource } from '../config/options/parse.ts';
import type { Secret } from '../lib/secret.ts';
import type { PreparedPump, Pump } from '../pump/define-pump.ts';
import { aBatch, aContext, outcomesOf } from '../pump/testing/index.ts';
import { guardedPump } from './guarded-pump.ts';
import { aPump, aSink } from './testing.ts';

const signal = AbortSignal.timeout(10_000);
const source = (raw: object = {}): MetaSource => ({
  raw,
  source: 'pump.conf',
  key: 'pumps.mine.meta',
  env: {},
  envPrefix: 'TYK_PMP_PUMPS_MINE_META',
});

const guarded = (over: object): Pump => guardedPump(aPump(over) as Pump, 'a.mjs');
const prepare = (over: object, raw: object = {}) => guarded(over).prepare(source(raw));

function prepared(over: object = {}): PreparedPump {
  const { pump } = prepare(over);
  if (pump === undefined) throw new Error('refused');
  return pump;
}

const opened = (over: object) => prepared({ open: () => aSink(over) }).open(aContext(), signal);

describe('the options of a plugin', () => {
  it('are refused, and masked all the same, where it throws at them', () => {
    const { problems, secrets, pump } = prepare(
      {
        options: { token: secret({ doc: 'T.' }) },
        check: ({ token }: { token: Secret }) => {
          throw new Error(`bad ${token.reveal()}`);
        },
      },
      { token: 's3cret-token' },
    );

    expect(pump).toBeUndefined();
    expect(problems).toMatchObject([
      {
        key: 'pumps.mine.meta',
        found: 'a.mjs: a pump that throws at its options: bad s3cret-token',
      },
    ]);
    expect(secrets).toContain('s3cret-token');
  });

  it.each([
    ['limits', undefined, 'limits.records is undefined and not a number of at least 1'],
    [
      'limits',
      { records: 1, bytes: 1, age: 0, inFlight: 0 },
      'limits.inFlight is 0 and not a number of at least 1',
    ],
    ['repeats', 'never', 'repeats is "never" and not one of harmless, stored-twice, counted-twice'],
    ['guarantee', undefined, 'guarantee is "undefined" and not one of'],
    ['workers', 'two', 'workers is "two" and not one of any, one'],
  ])('are refused where %s is %j', (name, value, words) => {
    const { problems, pump } = prepare({ [name]: value });

    expect(pump).toBeUndefined();
    expect(problems[0]?.found).toContain(words);
    expect(problems[0]?.severity).toBe('error');
  });
});

describe('a sink of a plugin', () => {
  it('delivers as any other', async () => {
    const batch = aBatch(3);
    const sink = await opened({});

    expect((await sink.deliver(batch, signal)).ofRequest).toEqual({ outcome: 'delivered' });
    expect(await sink.check(signal)).toEqual({ state: 'up' });
  });

  it('may answer with the delivery of another copy of the kit', async () => {
    const failure = { kind: 'invalid', message: 'no' };
    const verdicts = [{ outcome: 'delivered' }, { outcome: 'reject', failure }];
    const at = (index: number) => verdicts[index];
    const each = await opened({ deliver: () => ({ size: 2, ofRequest: undefined, at }) });
    const whole = await opened({ deliver: () => ({ size: 2, ofRequest: verdicts[1], at }) });

    expect(outcomesOf((await each.deliver(aBatch(2), signal)).verdicts)).toEqual([
      'delivered',
      'reject',
    ]);
    expect((await whole.deliver(aBatch(2), signal)).ofRequest).toEqual(verdicts[1]);
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'ok'],
    ['the delivery of a larger batch', { size: 3, at: () => ({ outcome: 'delivered' }) }],
    ['a list of verdicts', [{ outcome: 'delivered' }]],
    ['no verdict', { size: 2, at: () => undefined }],
    ['an unknown outcome', { size: 2, at: () => ({ outcome: 'stored' }) }],
    ['no failure', { size: 2, at: () => ({ outcome: 'retry' }) }],
    [
      'a kind that nobody knows',
      { size: 2, at: () => ({ outcome: 'reject', failure: { kind: 'sad', message: 'x' } }) },
    ],
    [
      'no pause',
      {
        size: 2,
        at: () => ({ outcome: 'retry', after: 'soon', failure: { kind: 'timeout', message: '' } }),
      },
    ],
  ])('fails the attempt where it answers with %s, and delivers nothing', async (_, answer) => {
    const sink = await opened({ deliver: () => Promise.resolve(answer) });

    await expect(sink.deliver(aBatch(2), signal)).rejects.toThrow(/^the pump /);
  });

  it.each([undefined, 'up', {}, { state: 'down' }, { state: 'well', reason: 'x' }])(
    'has no health where it answers a check with %j',
    async (answer) => {
      const sink = await opened({ check: () => Promise.resolve(answer) });

      await expect(sink.check(signal)).rejects.toThrow(/^the pump answered a check/);
    },
  );

  it.each([
    [undefined, 'nothing without a function deliver'],
    [{}, 'object without a function deliver'],
    [aSink({ close: undefined }), 'object without a function close'],
  ])('does not open where it is %j', async (sink, words) => {
    const opening = prepared({ open: () => Promise.resolve(sink) }).open(aContext(), signal);

    await expect(opening).rejects.toThrow(`the pump opened ${words}`);
  });
});

describe('what a plugin says of names in documents', () => {
  it('is said, and nothing where it says nothing', () => {
    const wrong = { name: '_id', expected: 'another' };

    expect(prepared({ checkDocument: () => [wrong] }).checkDocument?.([])).toEqual([wrong]);
    expect(prepared().checkDocument?.([])).toEqual([]);
  });

  it('is that it throws, where it does', () => {
    const checkDocument = () => {
      throw new Error('at names');
    };

    expect(prepared({ checkDocument }).checkDocument?.([])).toMatchObject([
      { expected: 'a pump that does not throw at names: at names' },
    ]);
  });
});

describe('the verdict of a plugin on what was thrown', () => {
  const failure = { kind: 'throttled', message: 'slowly' };

  it.each([
    [
      { outcome: 'retry', failure },
      { outcome: 'retry', failure },
    ],
    [undefined, undefined],
    // What was thrown proves no delivery.
    [{ outcome: 'delivered' }, undefined],
    ['retry', undefined],
  ])('%j is taken for %j', (said, taken) => {
    expect(prepared({ classify: () => said }).classify(new Error('x'))).toEqual(taken);
  });

  it('is left to the kit where it throws itself', () => {
    const classify = () => {
      throw new Error('again');
    };

    expect(prepared({ classify }).classify(new Error('x'))).toBeUndefined();
  });
});
