import type { Limits } from '../policy/read-policies.ts';

/** A key's calls so far, against how often it may call. */
export interface Limiter {
  /** Counts this call. Never rejects: while calls cannot be counted, they pass. */
  count(name: string, limits: Limits): Promise<Counted>;
}

export type Counted =
  | { readonly ok: true; readonly quota: QuotaState | undefined }
  /** The rate, or the quota, was used up before this call. */
  | { readonly ok: false; readonly of: 'rate' | 'quota' };

export interface QuotaState {
  readonly max: number;
  readonly remaining: number;
  /** Seconds since 1970; 0: it never renews. */
  readonly renews: number;
}

/** Whether there is anything to count. */
export const isLimited = ({ rate, quota }: Limits): boolean => rate > 0 || quota > 0;

/** What the two ways of counting know of a quota after a call. `left`: seconds of its period; below 0: no end. */
export function quotaOf(limits: Limits, calls: number, left: number, now: number): Counted {
  if (calls > limits.quota) return { ok: false, of: 'quota' };
  return {
    ok: true,
    quota: {
      max: limits.quota,
      remaining: limits.quota - calls,
      renews: left < 0 ? 0 : Math.floor(now / 1000) + left,
    },
  };
}
