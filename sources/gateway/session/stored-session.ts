import { isSet } from '../definition/treatment.ts';
import { limitsOf } from '../policy/read-policies.ts';
import type { StoredSession } from './session.ts';

type Members = Readonly<Record<string, unknown>>;

/** Reads what a gateway has written under a key: JSON of its `user.SessionState`. Undefined where it is none. */
export function readSession(text: string): StoredSession | undefined {
  const value = parsed(text);
  // Rights that cannot be read must not be taken for none, for a session without rights may call everything.
  if (value === undefined || !hasReadableRights(value)) return undefined;
  const rights = Object.entries(objectIn(value, 'access_rights'));
  const one = textIn(value, 'apply_policy_id');
  const several = textsIn(value, 'apply_policies');
  return {
    organisation: textIn(value, 'org_id'),
    alias: textIn(value, 'alias'),
    oauthId: textIn(value, 'oauth_client_id'),
    expires: numberIn(value, 'expires'),
    isInactive: value['is_inactive'] === true,
    isDetailed:
      value['enable_detailed_recording'] === true || value['enable_detail_recording'] === true,
    policies: several.length > 0 || one === '' ? several : [one],
    tags: textsIn(value, 'tags'),
    rights: new Map(rights.map(([api, right]) => [api, textsIn(asObject(right), 'versions')])),
    limits: limitsIn(value),
    limitsOfApis: new Map(
      rights.flatMap(([api, right]) => {
        const limit = asObject(right)['limit'];
        if (!isSet(limit)) return [];
        const scope = textIn(asObject(right), 'allowance_scope');
        return [[api, { ...limitsIn(asObject(limit)), scope }] as const];
      }),
    ),
    meta: objectIn(value, 'meta_data'),
    unbuilt: new Set(rights.filter(([, right]) => isUnbuilt(asObject(right))).map(([api]) => api)),
  };
}

function hasReadableRights(value: Members): boolean {
  const rights = value['access_rights'];
  if (rights === undefined || rights === null) return true;
  if (typeof rights !== 'object' || Array.isArray(rights)) return false;
  return Object.values<unknown>({ ...rights }).every(
    (right) =>
      typeof right === 'object' &&
      right !== null &&
      (!('versions' in right) || right.versions === null || Array.isArray(right.versions)),
  );
}

/** Rights to single paths would be widened by passing over them. */
const isUnbuilt = (right: Members): boolean =>
  ['allowed_urls', 'restricted_types', 'field_access_rights', 'endpoints'].some((name) => {
    const list = right[name];
    return Array.isArray(list) && list.length > 0;
  });

function parsed(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Members)
      : undefined;
  } catch {
    return undefined;
  }
}

const limitsIn = (members: Members) =>
  limitsOf({
    ...{ rate: numberIn(members, 'rate'), per: numberIn(members, 'per') },
    quota_max: numberIn(members, 'quota_max'),
    quota_renewal_rate: numberIn(members, 'quota_renewal_rate'),
  });

const asObject = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {};
const objectIn = (members: Members, name: string): Members => asObject(members[name]);
const textIn = (members: Members, name: string): string => {
  const value = members[name];
  return typeof value === 'string' ? value : '';
};
const numberIn = (members: Members, name: string): number => {
  const value = members[name];
  return typeof value === 'number' ? value : 0;
};
const textsIn = (members: Members, name: string): readonly string[] => {
  const value = members[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
};
