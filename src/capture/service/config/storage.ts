import type { RedisConfig } from '../../../config/config.ts';
import { group } from '../../../config/options/collections.ts';
import type { Environment } from '../../../config/options/environment.ts';
import { isObject, member, typeName } from '../../../config/options/json.ts';
import { parseSet } from '../../../config/options/parse-set.ts';
import type { Note, Problem } from '../../../config/problem.ts';
import { globalOptions } from '../../../config/service-options.ts';
import { namesRedis, redisOf } from '../../../config/tyk/redis.ts';

/** Where records go. */
export type Storage =
  | { readonly kind: 'redis'; readonly redis: RedisConfig }
  /** They feed pumps of this process, and are nowhere else. */
  | { readonly kind: 'memory' };

export interface ReadStorage {
  /** Undefined where a problem is an error. */
  readonly storage: Storage | undefined;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  readonly secrets: readonly string[];
  readonly variables: ReadonlySet<string>;
}

export interface StorageInput {
  /** The whole configuration. */
  readonly raw: unknown;
  readonly source: string;
  readonly env: Environment;
  readonly unresolved: ReadonlyMap<string, string>;
  /** Pumps of this process are wanted. */
  readonly feedsPumps: boolean;
}

const inPump = 'analytics_storage_config';
const variable = 'SLUICE_CAPTURE_STORAGE';
const layer = { prefix: variable, group: { key: inPump, suffix: 'ANALYTICSSTORAGECONFIG' } };

/** The storage as `sluice capture` calls it, for the tables of its options. */
export const storageOptions = {
  storage: group(globalOptions[inPump].members ?? {}, {
    doc: 'The Redis with the gateway’s lists, or `memory`.',
  }),
};

/** `storage`: the options of the pump's `analytics_storage_config`, or the word `memory`. */
export function readStorage({
  raw,
  source,
  env,
  unresolved,
  feedsPumps,
}: StorageInput): ReadStorage {
  const written = member(raw, 'storage');
  const word = env[variable] ?? (typeof written === 'string' ? written : undefined);
  const nothing = { notes: [], secrets: [], variables: new Set([variable]) };
  const at = env[variable] === undefined ? { source, key: 'storage' } : inEnvironment;
  if (word === 'memory' || member(written, 'type') === 'memory')
    return { storage: { kind: 'memory' }, problems: [], ...nothing };
  if (word !== undefined || (written !== undefined && written !== null && !isObject(written))) {
    const found = typeName(word ?? written);
    const expected = '"memory", or an object with the options of a Redis (`host`, `port`, …)';
    return {
      storage: undefined,
      problems: [{ ...at, found, expected, severity: 'error' }],
      ...nothing,
    };
  }
  const { [inPump]: option } = globalOptions;
  const parsed = parseSet(
    { [inPump]: option },
    {
      ...{ raw: { [inPump]: written ?? {} }, source, at: '', env, unresolved, allowed: [] },
      layers: [layer],
    },
  );
  const findings = { problems: [...parsed.problems], notes: [...parsed.notes] };
  const said = parsed.value?.[inPump];
  const names = said !== undefined && namesRedis(said);
  if (said !== undefined && !names && feedsPumps)
    return { storage: { kind: 'memory' }, problems: [], ...nothing };
  if (said !== undefined && !names)
    findings.problems.push({
      ...{ source, key: 'storage.host', found: 'nothing', severity: 'error' },
      expected: `the host of the gateway’s Redis, here or in ${variable}_HOST; or \`storage: memory\` with pumps in \`to\``,
    });
  const redis = said && names ? redisOf(said, parsed, findings) : undefined;
  const isBroken = findings.problems.some(({ severity }) => severity === 'error');
  return {
    storage: redis === undefined || isBroken ? undefined : { kind: 'redis', redis },
    problems: findings.problems.map(renamed).map(strict),
    notes: findings.notes.map(renamed),
    secrets: parsed.secrets,
    variables: new Set([...parsed.variables, variable]),
  };
}

const inEnvironment = { source: 'environment', key: variable };

const renamed = <F extends { readonly key: string }>(finding: F): F => ({
  ...finding,
  key: finding.key.replace(inPump, 'storage'),
});

/** A slip of a name here may lead to another Redis. */
const strict = (problem: Problem): Problem =>
  problem.isUnknown === true ? { ...problem, severity: 'error' } : problem;
