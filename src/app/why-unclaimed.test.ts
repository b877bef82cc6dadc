import { describe, expect, it } from 'vitest';
import type { PurgeStatus } from '../purge/purge.ts';
import type { Refusal } from '../purge/refusals.ts';
import { type Claims, whyUnclaimed } from './why-unclaimed.ts';

const claims = (
  changes: Partial<PurgeStatus> = {},
  mode: 'at-least-once' | 'at-most-once' = 'at-least-once',
): Claims => ({
  obstacle: undefined,
  purge: {
    mode,
    status: () => ({
      ...{ lastRound: 1, isHolding: false, refusals: [], isRefused: false, unreadBytes: 0 },
      ...changes,
    }),
  },
});
const refused = (attempt: Refusal['attempt'], reason: string, lists = ['K']): Claims =>
  claims({ refusals: [{ attempt, lists, reason, rounds: 2 }] });

describe('whyUnclaimed', () => {
  it.each([
    ['nothing stands in the way', claims(), undefined, undefined],
    ['it has not begun', { obstacle: undefined, purge: undefined }, undefined, undefined],
    ['no way', { obstacle: 'no way', purge: undefined }, /^no way$/, /rights/],
    ['the bound', claims({ isHolding: true }), /retained_bytes/, /spill_dir/],
    ['full', claims({ isHolding: true }, 'at-most-once'), /cache_bytes/, /cache_bytes/],
    ['rights', refused('claim', 'NOPERM x (RENAMENX K)'), /NOPERM x/, /rights/],
    ['memory', refused('claim', 'OOM command not allowed'), /OOM/, /maxmemory/],
    ['replicas', refused('claim', 'NOREPLICAS not enough'), /NOREPLICAS/, /Mend what Redis names/],
    ['layout', refused('know the layout', 'its layout is 9'), /layout is 9/, /version/],
    ['another list', refused('claim', 'NOPERM', ['other']), undefined, undefined],
    ['no claim', refused('tidy', 'NOPERM'), undefined, undefined],
  ] as const)('%s', (_, known, why, remedy) => {
    const expected = why && {
      why: expect.stringMatching(why) as string,
      remedy: expect.stringMatching(remedy) as string,
    };
    expect(whyUnclaimed(known, 'K')).toEqual(expected);
  });
});
