import { describe, expect, it } from 'vitest';
import { ContractError } from '../lib/errors.ts';
import type { Entry } from './batch.ts';
import { Delivery } from './delivery.ts';
import { aBatch } from './testing/builders.ts';
import { delivered, reject, retry, type Verdict } from './verdict.ts';

const refused = reject({ kind: 'invalid', message: 'no' });
const again = retry({ kind: 'throttled', message: 'later' });
const batch = aBatch(3);

describe('a delivery', () => {
  it('says one thing of a request', () => {
    const delivery = Delivery.whole(batch, refused);

    expect(delivery.ofRequest).toBe(refused);
    expect(delivery.verdicts).toEqual([refused, refused, refused]);
  });

  it('says of records what it says, even where all fare alike', () => {
    const delivery = Delivery.each(batch, () => refused);

    expect(delivery.ofRequest).toBeUndefined();
    expect(delivery.verdicts).toEqual([refused, refused, refused]);
  });

  it('has exceptions to what is said of the rest', () => {
    const delivery = Delivery.whole(batch, again).except(1, refused).except(2, delivered());

    expect(delivery.ofRequest).toBeUndefined();
    expect(delivery.verdicts).toEqual([again, refused, delivered()]);
    expect([delivery.at(0), delivery.at(1)]).toEqual([again, refused]);
  });

  it('is what was said of the only request, or of each record in several', () => {
    const [first, second, third] = batch.entries as unknown as [Entry, Entry, Entry];
    const otherwise = (): Verdict => again;

    const one = Delivery.ofRequests(batch, [{ entries: batch.entries, said: refused }], otherwise);
    const each = Delivery.ofRequests(
      batch,
      [{ entries: batch.entries, said: [refused, refused, refused] }],
      otherwise,
    );
    const parts = [
      { entries: [third], said: refused },
      { entries: [first], said: [delivered()] },
    ];
    const several = Delivery.ofRequests(batch, parts, otherwise);

    expect(one.ofRequest).toBe(refused);
    expect([each.ofRequest, each.verdicts]).toEqual([undefined, [refused, refused, refused]]);
    expect(several.verdicts).toEqual([delivered(), again, refused]);
    expect(
      Delivery.ofRequests(batch, [{ entries: [first, second], said: refused }], otherwise)
        .ofRequest,
    ).toBeUndefined();
  });

  it('is one of a request where every record was taken', () => {
    expect(Delivery.each(batch, () => delivered()).ofRequest).toEqual(delivered());
  });

  it('has no exception for a record that is not in the batch', () => {
    const delivery = Delivery.whole(batch, delivered());

    for (const index of [-1, 3])
      expect(() => delivery.except(index, refused)).toThrow(ContractError);
  });
});
