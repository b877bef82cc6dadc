import type { PlacedProblem, StructuredDocument } from '#source';
import { membersOf, type Reading, readSection } from '../definition/read-section.ts';
import { policySection, rightSection } from './policy-sections.ts';

/** What a key may do: by the API's id, the versions. */
export type Rights = ReadonlyMap<string, readonly string[]>;

/** How often a key may call. */
export interface Limits {
  /** Calls in so many seconds; 0: no limit. */
  readonly rate: number;
  readonly per: number;
  /** Calls in a period of seconds; 0: no limit, and a period that never ends. */
  readonly quota: number;
  readonly quotaPeriod: number;
}

export interface Policy {
  readonly id: string;
  readonly organisation: string;
  readonly isInactive: boolean;
  readonly tags: readonly string[];
  readonly rights: Rights;
  readonly limits: Limits;
  readonly meta: Readonly<Record<string, unknown>>;
}

export type Policies = ReadonlyMap<string, Policy>;

export interface ReadPolicies {
  readonly policies: Policies;
  /** Ids of those that ask for what is not built, or cannot be read. */
  readonly refused: readonly string[];
  readonly problems: readonly PlacedProblem[];
}

/** Reads `policies.json`: an object of policies by their ids. One that asks for what is not built is left out, and said. */
export function readPolicies(document: StructuredDocument, path: string): ReadPolicies {
  const whole: Reading = { path, document, problems: [] };
  const policies = new Map<string, Policy>();
  const refused: string[] = [];
  for (const [id, value] of Object.entries(membersOf(document.value, '', whole))) {
    const reading: Reading = { path, document, problems: [] };
    const policy = readPolicy(id, value, reading);
    whole.problems.push(...reading.problems);
    if (policy === 'refused') refused.push(id);
    else if (policy !== undefined) policies.set(id, policy);
  }
  return { policies, refused, problems: whole.problems };
}

/** Undefined: it says itself that it does not count. */
function readPolicy(id: string, value: unknown, reading: Reading): Policy | 'refused' | undefined {
  const members = membersOf(value, id, reading);
  const fields = readSection(policySection, members, id, reading);
  const rightsAt = `${id}.access_rights`;
  const rights = Object.entries(membersOf(members['access_rights'], rightsAt, reading)).flatMap(
    ([api, right]) => {
      const at = `${rightsAt}.${api}`;
      const read = readSection(rightSection, membersOf(right, at, reading), at, reading);
      return read === undefined ? [] : [[api, read.versions] as const];
    },
  );
  const meta = membersOf(members['meta_data'], `${id}.meta_data`, reading);
  const isBroken = reading.problems.some(({ severity }) => severity === 'error');
  if (isBroken || fields === undefined) return 'refused';
  if (!fields.active) return undefined;
  return {
    id,
    organisation: fields.org_id,
    isInactive: fields.is_inactive,
    tags: fields.tags,
    rights: new Map(rights),
    limits: limitsOf(fields),
    meta,
  };
}

/** What Go's numbers mean: -1 and 0 are no limit. */
export function limitsOf(of: {
  readonly rate: number;
  readonly per: number;
  readonly quota_max: number;
  readonly quota_renewal_rate: number;
}): Limits {
  const isRated = of.rate > 0 && of.per > 0;
  return {
    rate: isRated ? of.rate : 0,
    per: isRated ? of.per : 0,
    quota: Math.max(0, of.quota_max),
    quotaPeriod: Math.max(0, of.quota_renewal_rate),
  };
}
