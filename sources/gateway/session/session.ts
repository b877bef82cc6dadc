/** Whose call it is, and what this one may do: from Redis, or from a policy for a JWT. */
import type { Limits, Policies, Policy, Rights } from '../policy/read-policies.ts';

/** A session as the gateway keeps it, before its policies. */
export interface StoredSession {
  readonly organisation: string;
  readonly alias: string;
  readonly oauthId: string;
  /** Seconds since 1970; 0: never. */
  readonly expires: number;
  readonly isInactive: boolean;
  readonly isDetailed: boolean;
  readonly policies: readonly string[];
  readonly tags: readonly string[];
  /** Empty: to all APIs. */
  readonly rights: Rights;
  readonly limits: Limits;
  /** Limits of single APIs, which count in place of those above. */
  readonly limitsOfApis: ReadonlyMap<string, ScopedLimits>;
  readonly meta: Readonly<Record<string, unknown>>;
  /** APIs whose rights ask for what is not built, so that calling them is refused. */
  readonly unbuilt: ReadonlySet<string>;
}

/** Limits of one API; calls of APIs with the same scope count together. */
export interface ScopedLimits extends Limits {
  readonly scope: string;
}

export interface Session extends StoredSession {
  /** The key: what the gateway hashes for Redis and records. */
  readonly key: string;
}

export type Applied =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly reason: 'missing' | 'foreign'; readonly policy: string };

/**
 * A session with its policies: rights and limits are then theirs, of several the sum of rights and the widest limit. One that is
 * not there, or of another organisation, makes the session unusable.
 */
export function withPolicies(key: string, stored: StoredSession, policies: Policies): Applied {
  if (stored.policies.length === 0) return { ok: true, session: { ...stored, key } };
  const applied: Policy[] = [];
  for (const id of stored.policies) {
    const policy = policies.get(id);
    if (policy === undefined) return { ok: false, reason: 'missing', policy: id };
    if (policy.organisation !== stored.organisation)
      return { ok: false, reason: 'foreign', policy: id };
    applied.push(policy);
  }
  return {
    ok: true,
    session: {
      ...stored,
      key,
      isInactive: stored.isInactive || applied.some(({ isInactive }) => isInactive),
      tags: [...new Set([...stored.tags, ...applied.flatMap(({ tags }) => tags)])],
      rights: joined(applied),
      limits: applied.map(({ limits }) => limits).reduce(widest),
      // Rights are the policies', and with them what rights say of limits.
      limitsOfApis: new Map(),
      unbuilt: new Set(),
      meta: Object.assign({}, ...applied.map(({ meta }) => meta), stored.meta) as Session['meta'],
    },
  };
}

function joined(policies: readonly Policy[]): Rights {
  const all = new Map<string, readonly string[]>();
  for (const { rights } of policies)
    for (const [api, versions] of rights)
      all.set(api, [...new Set([...(all.get(api) ?? []), ...versions])]);
  return all;
}

function widest(one: Limits, other: Limits): Limits {
  const rated = one.rate === 0 || other.rate === 0 ? undefined : rateOf(one) > rateOf(other);
  const { rate, per } = rated === undefined ? { rate: 0, per: 0 } : rated ? one : other;
  const isUnlimited = one.quota === 0 || other.quota === 0;
  const { quota, quotaPeriod } = one.quota > other.quota ? one : other;
  return { rate, per, ...(isUnlimited ? { quota: 0, quotaPeriod: 0 } : { quota, quotaPeriod }) };
}

const rateOf = ({ rate, per }: Limits): number => rate / per;

/** The session that a gateway makes for a token of JWT. */
export const sessionOfToken = (of: {
  readonly organisation: string;
  readonly identity: string;
  readonly oauthId: string;
  readonly policies: readonly string[];
}): StoredSession => ({
  organisation: of.organisation,
  alias: of.identity,
  oauthId: of.oauthId,
  expires: 0,
  isInactive: false,
  isDetailed: false,
  policies: of.policies,
  tags: [],
  rights: new Map(),
  limits: { rate: 0, per: 0, quota: 0, quotaPeriod: 0 },
  limitsOfApis: new Map(),
  meta: {},
  unbuilt: new Set(),
});
