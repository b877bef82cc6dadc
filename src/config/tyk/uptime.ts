import type { PumpEntry } from '../config.ts';
import { isObject, member } from '../options/json.ts';
import type { Problem } from '../problem.ts';
import { type SaidRecords, uptimeRulesOf } from '../record-rules.ts';
import type { ConfigSource } from '../resolve-source.ts';
import { type Findings, type Place, place } from './findings.ts';

/** In lower case, as no pump of `pumps` is: no operator's name can be the same. */
const uptimeRoute = 'uptime';
export const uptimeKey = 'uptime_pump_config';
export const uptimePrefix = 'TYK_PMP_UPTIMEPUMPCONFIG';
/** Of old: Tyk Pump reads it where no `mongo_url` is said. */
const legacyUrl = 'PMP_MONGO_MONGOURL';
const types = { sql: 'uptime-sql', mongo: 'uptime-mongo' } as const;
const leave = 'dont_purge_uptime_data';

/** Where the options of the service were said. */
interface Service {
  readonly leavesUptime: boolean;
  /** `sluice.records`. */
  readonly records: SaidRecords;
  readonly at: Place;
}

/**
 * The pump of uptime records (tyk-pump.md, "Uptime records"); undefined: nobody takes them, and that is said. Tyk Pump
 * does not start without a Mongo for them unless it is told that it needs none; here they stay in Redis.
 */
export function uptimeEntry(
  source: ConfigSource,
  { leavesUptime, records, at }: Service,
  findings: Findings,
): PumpEntry | undefined {
  if (leavesUptime) return undefined;
  const said = saidAt(source);
  if (said === undefined) {
    const is = at.saidBy.has(leave) ? 'false' : 'not set';
    findings.notes.push({
      ...place(at, leave),
      text: `is ${is}, and no \`${uptimeKey}\` says where uptime records go: they stay in Redis untouched`,
    });
    return undefined;
  }
  const type = typeOf(source, findings);
  const { raw, name, env, unresolved } = source;
  const written = member(raw, uptimeKey);
  const isInFile = written !== undefined && written !== null;
  return {
    name: uptimeRoute,
    records: 'uptime',
    type: types[type],
    ...plain,
    rules: uptimeRulesOf(records),
    meta: {
      raw: written,
      source: name,
      key: uptimeKey,
      env,
      envPrefix: uptimePrefix,
      unresolved,
      readsLegacy: !namesMongo(source),
      ...(source.isFileless || !isInFile ? { isFileless: true } : {}),
    },
  };
}

/** Where uptime records are spoken of, if they are. */
function saidAt({ raw, name, env }: ConfigSource): Pick<Problem, 'source' | 'key'> | undefined {
  const written = member(raw, uptimeKey);
  const isEmpty = isObject(written) && Object.keys(written).length === 0;
  if (written !== undefined && written !== null && !isEmpty)
    return { source: name, key: uptimeKey };
  const key = Object.keys(env).find(
    (variable) =>
      (variable.startsWith(`${uptimePrefix}_`) || variable === legacyUrl) && env[variable] !== '',
  );
  return key === undefined ? undefined : { source: 'environment', key };
}

/** Only where nothing else says which Mongo, the variables of old are read. */
const namesMongo = ({ raw, env }: ConfigSource): boolean =>
  [member(member(raw, uptimeKey), 'mongo_url'), env[`${uptimePrefix}_MONGOURL`]].some(
    (said) => said !== undefined && said !== null && said !== '',
  );

/** Exactly `sql`, or else Mongo, as in Tyk Pump; what else was written may have meant something. */
function typeOf({ raw, name, env }: ConfigSource, findings: Findings): keyof typeof types {
  const variable = `${uptimePrefix}_UPTIMETYPE`;
  const inFile = member(member(raw, uptimeKey), 'uptime_type');
  const isOfEnvironment = (env[variable] ?? '') !== '';
  const said = isOfEnvironment ? env[variable] : inFile;
  if (said === 'sql') return 'sql';
  // What is no text the pump itself refuses.
  if (typeof said === 'string' && said !== '' && said !== 'mongo')
    findings.problems.push({
      ...(isOfEnvironment
        ? { source: 'environment', key: variable }
        : { source: name, key: `${uptimeKey}.uptime_type` }),
      found: 'another text',
      expected: '`sql` or `mongo`; anything but exactly `sql` is mongo, as in Tyk Pump',
      severity: 'warning',
    });
  return 'mongo';
}

/** Uptime records know no filters, edits or limits of an entry. */
const plain: Omit<PumpEntry, 'name' | 'records' | 'type' | 'rules' | 'meta'> = {
  filters: {
    apiIds: [],
    orgIds: [],
    responseCodes: [],
    skipApiIds: [],
    skipOrgIds: [],
    skipResponseCodes: [],
  },
  timeout: undefined,
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
  startAt: 'now',
  limits: {
    records: undefined,
    bytes: undefined,
    age: undefined,
    inFlight: undefined,
    concurrency: 'adaptive',
  },
};
