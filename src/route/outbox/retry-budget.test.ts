import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostSaved, RetryBudget } from './retry-budget.ts';

const share = fc.integer({ min: 1, max: 90 }).map((percent) => percent / 100);
const part = fc.double({ min: 0, max: 1, noNaN: true });

describe('a retry budget', () => {
  it('gives retries no more than their share, apart from what it saved', () => {
    fc.assert(
      fc.property(share, fc.array(fc.tuple(part, part), { maxLength: 300 }), (of, turns) => {
        const budget = new RetryBudget(of);
        let [fresh, retries] = [0, 0];
        for (const [wanted, given] of turns) {
          const spent = Math.min(wanted, budget.allowance);
          budget.spend(spent);
          retries += spent;
          budget.earn(given);
          fresh += given;

          expect(budget.allowance).toBeGreaterThanOrEqual(0);
          expect(retries).toBeLessThanOrEqual(mostSaved + (fresh * of) / (1 - of) + 1e-6);
        }
      }),
    );
  });

  it('always covers a whole attempt again after enough fresh batches', () => {
    fc.assert(
      fc.property(share, (of) => {
        const budget = new RetryBudget(of);
        budget.spend(mostSaved);
        for (let batch = 0; batch < Math.ceil((1 - of) / of); batch++) budget.earn(1);

        expect(budget.coversBatch).toBe(true);
      }),
    );
  });
});
