import { describe, expect, it } from 'vitest';
import type { CallEnd } from '../relay/decision.ts';
import { type BalancePolicy, Balancer } from './balancer.ts';

const candidates = (weights: Readonly<Record<string, number>>) =>
  Object.entries(weights).map(([key, weight]) => ({ key, weight }));

const usual: BalancePolicy = {
  balance: 'ROUND_ROBIN',
  ejection: {
    ...{ serverErrors: 0, gatewayErrors: 1, time: 10_000 },
    ...{ mostPercent: 100, leastHealthyPercent: 0 },
  },
};

function balancerOf(policy: Partial<BalancePolicy> = {}, chance: () => number = () => 0) {
  let now = 1_000;
  const ejected: string[] = [];
  const balancer = new Balancer(
    { ...usual, ...policy },
    {
      elapsed: () => now,
      random: chance,
      events: { onEjected: (key, time) => ejected.push(`${key} ${time}`) },
    },
  );
  return { balancer, ejected, pass: (time: number) => (now += time) };
}

const good: CallEnd = { status: 200, error: undefined };
const bad = (status: number): CallEnd => ({ status, error: undefined });
const failed = (kind: string): CallEnd => ({ status: undefined, error: { kind, words: '' } });

const ejection = {
  serverErrors: 3,
  gatewayErrors: 0,
  time: 10_000,
  mostPercent: 100,
  leastHealthyPercent: 0,
};

describe('Balancer', () => {
  it('takes turns by weight, evenly spread', () => {
    const { balancer } = balancerOf();
    const order = Array.from({ length: 7 }, () => {
      const share = balancer.choose(candidates({ a: 5, b: 1, c: 1 }));
      share?.ended(good);
      return share?.candidate.key;
    });
    expect(order.join('')).toBe('aabacaa');
  });

  it('chooses at random by weight', () => {
    let chance = 0;
    const { balancer } = balancerOf({ balance: 'RANDOM' }, () => chance);
    const at = (value: number) => {
      chance = value;
      return balancer.choose(candidates({ a: 1, b: 3 }))?.candidate.key;
    };
    expect([at(0), at(0.24), at(0.25), at(0.99)]).toEqual(['a', 'a', 'b', 'b']);
  });

  it('chooses who has the least under way, by weight', () => {
    const { balancer } = balancerOf({ balance: 'LEAST_REQUEST' });
    const both = candidates({ a: 1, b: 2 });
    const shares = Array.from({ length: 6 }, () => balancer.choose(both));
    const count = (key: string) => shares.filter((each) => each?.candidate.key === key).length;
    expect([count('a'), count('b')]).toEqual([2, 4]);
    for (const share of shares) if (share?.candidate.key === 'a') share.ended(good);
    expect(balancer.choose(both)?.candidate.key).toBe('a');
  });

  it('passes over who could not be reached, for a while, and longer each time', () => {
    const { balancer, ejected, pass } = balancerOf();
    const both = candidates({ a: 1, b: 1 });
    const next = (end: CallEnd) => {
      const share = balancer.choose(both);
      share?.ended(end);
      return share?.candidate.key;
    };
    expect(next(failed('refused'))).toBe('a');
    expect([next(good), next(good), next(good)]).toEqual(['b', 'b', 'b']);
    pass(10_000);
    expect([next(good), next(good)]).toContain('a');
    expect(ejected).toEqual(['a 10000']);
  });

  it('does not judge by errors of the client', () => {
    const { balancer, ejected } = balancerOf();
    const both = candidates({ a: 1, b: 1 });
    balancer.choose(both)?.ended(failed('aborted'));
    expect(ejected).toEqual([]);
  });

  it('counts answers of 500 and more in a row', () => {
    const { balancer, ejected } = balancerOf({ ejection });
    const both = candidates({ a: 1, b: 1 });
    const call = (statusOfA: number) => {
      for (let turn = 0; turn < both.length; turn++) {
        const share = balancer.choose(both);
        share?.ended(bad(share.candidate.key === 'a' ? statusOfA : 200));
      }
    };
    for (const status of [500, 500, 200, 503, 500]) call(status);
    expect(ejected).toEqual([]);
    call(500);
    expect(ejected).toEqual(['a 10000']);
  });

  it('counts 502, 503, 504 and no answer apart from other errors', () => {
    const { balancer, ejected } = balancerOf({
      ejection: { ...ejection, serverErrors: 0, gatewayErrors: 2 },
    });
    const both = candidates({ a: 1, b: 1 });
    const ends = [bad(500), bad(504), bad(500), bad(502), failed('timeout')];
    for (const end of ends)
      for (let turn = 0; turn < both.length; turn++) {
        const share = balancer.choose(both);
        share?.ended(share.candidate.key === 'a' ? end : good);
      }
    expect(ejected).toEqual(['a 10000']);
  });

  it('passes over no more than the share that is allowed, and one always', () => {
    const { balancer, ejected } = balancerOf({
      ejection: { ...ejection, serverErrors: 1, mostPercent: 10 },
    });
    const three = candidates({ a: 1, b: 1, c: 1 });
    for (let i = 0; i < 6; i++) balancer.choose(three)?.ended(bad(500));
    expect(ejected).toHaveLength(1);
  });

  it('asks all where all are passed over, or fewer are healthy than must be', () => {
    const { balancer } = balancerOf({
      ejection: { ...ejection, serverErrors: 1, leastHealthyPercent: 60 },
    });
    const both = candidates({ a: 1, b: 1 });
    balancer.choose(both)?.ended(bad(500));
    const keys = Array.from({ length: 4 }, () => balancer.choose(both)?.candidate.key);
    expect(new Set(keys)).toEqual(new Set(['a', 'b']));
  });

  it('passes over who is down for checks of its own, and tells where it must ask such a one', () => {
    const down = new Set<string>();
    let panics = 0;
    const balancer = new Balancer(usual, {
      ...{ elapsed: () => 0, random: () => 0 },
      events: { onEjected: () => undefined, onPanic: () => (panics += 1) },
    });
    const both = candidates({ a: 1, b: 1 }).map((each) => ({
      ...each,
      isDown: () => down.has(each.key),
    }));
    const keys = (calls: number) =>
      Array.from({ length: calls }, () => balancer.choose(both)?.candidate.key)
        .sort()
        .join('');
    down.add('a');
    expect([keys(4), panics]).toEqual(['bbbb', 0]);
    down.add('b');
    expect([keys(4), panics]).toEqual(['aabb', 4]);
    down.clear();
    expect([keys(4), panics]).toEqual(['aabb', 4]);
  });

  it('asks those of the next priority while all of the first are passed over', () => {
    const { balancer, pass } = balancerOf();
    const places = [
      { key: 'a', weight: 1, priority: 1 },
      { key: 'b', weight: 1, priority: 1 },
      { key: 'c', weight: 1, priority: 2 },
    ];
    const next = (end: CallEnd) => {
      const share = balancer.choose(places);
      share?.ended(end);
      return share?.candidate.key;
    };
    expect([next(good), next(good), next(good), next(good)].sort().join('')).toBe('aabb');
    next(failed('refused'));
    next(failed('refused'));
    expect([next(good), next(good)]).toEqual(['c', 'c']);
    pass(10_000);
    expect([next(good), next(good)].sort()).toEqual(['a', 'b']);
  });

  it('never passes over the only one', () => {
    const { balancer, ejected } = balancerOf();
    const one = candidates({ a: 1 });
    balancer.choose(one)?.ended(failed('refused'));
    expect(balancer.choose(one)?.candidate.key).toBe('a');
    expect(ejected).toEqual([]);
    expect(balancer.choose([])).toBeUndefined();
  });
});
