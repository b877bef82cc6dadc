import type { FilterConfig } from '../config/config.ts';
import type { AnalyticsRecord, Integer } from '../record/record.ts';

/** True: the record goes on to the sink. */
export type Filter = (record: AnalyticsRecord) => boolean;

/**
 * Compiles the filters of a pump (tyk-pump.md, "What a pump's entry does to a record"): block lists first, then every
 * allow list that is not empty must hold the record. Comparison is exact and case-sensitive; a response code is
 * compared as a number, −1 included. Undefined when nothing is filtered, so that no record is asked in vain.
 */
export function compileFilter(config: FilterConfig): Filter | undefined {
  const skipApis = setOf(config.skipApiIds);
  const skipOrgs = setOf(config.skipOrgIds);
  const skipCodes = setOf<Integer>(config.skipResponseCodes);
  const apis = setOf(config.apiIds);
  const orgs = setOf(config.orgIds);
  const codes = setOf<Integer>(config.responseCodes);

  // A field is read once, and only when a list asks for it.
  const keepsApi = both(skipApis, apis);
  const keepsOrg = both(skipOrgs, orgs);
  const keepsCode = both(skipCodes, codes);
  if (keepsApi === undefined && keepsOrg === undefined && keepsCode === undefined) return undefined;

  // All lists are tests on single fields joined by "and", so their order changes no result.
  return (record) =>
    (keepsCode === undefined || keepsCode(record.integer('response_code'))) &&
    (keepsApi === undefined || keepsApi(record.text('api_id'))) &&
    (keepsOrg === undefined || keepsOrg(record.text('org_id')));
}

/** What passes both. */
export const bothOf = (one: Filter | undefined, other: Filter | undefined): Filter | undefined =>
  one === undefined || other === undefined
    ? (one ?? other)
    : (record) => one(record) && other(record);

const setOf = <T>(values: readonly T[]): ReadonlySet<T> | undefined =>
  values.length === 0 ? undefined : new Set(values);

function both<T>(
  blocked: ReadonlySet<T> | undefined,
  allowed: ReadonlySet<T> | undefined,
): ((value: T) => boolean) | undefined {
  if (blocked === undefined && allowed === undefined) return undefined;
  return (value) => blocked?.has(value) !== true && (allowed === undefined || allowed.has(value));
}
