import { type Engine, isFrom } from './engine.ts';
import { type Mark, markIn, markOf, textIn } from './mark.ts';

/**
 * How the indices of a pump are called: `plain` is one that stays, `daily` one for each day by its name, `alias` a name that stands
 * for the newest of several, as a `data-stream` does by itself.
 */
export type Naming = (typeof namings)[number];
export const namings = ['plain', 'daily', 'alias', 'data-stream'] as const;

export interface LifecycleOptions {
  readonly naming: Naming;
  readonly patterns: readonly string[];
  /** Days; 0: for ever. */
  readonly deleteAfter: number;
  readonly rolloverSize: string;
  /** Days. */
  readonly rolloverAge: number;
}

/** Only where the name that is written to stands for several indices can another take over. A day's index ends by itself. */
const isRolledOver = (naming: Naming): boolean => naming === 'alias' || naming === 'data-stream';

/** Whether there is anything to be done with the indices of this naming: not with one that stays, which would be deleted alive. */
export const hasLifecycle = ({
  naming,
  deleteAfter,
}: Pick<LifecycleOptions, 'naming' | 'deleteAfter'>): boolean =>
  naming !== 'plain' && (isRolledOver(naming) || deleteAfter > 0);

/** A policy as a server takes it, and where its mark lies in it. */
export interface Policy {
  readonly path: string;
  readonly body: object;
  readonly readMark: (answer: unknown) => Mark | undefined;
}

export function policyOf(engine: Engine, name: string, options: LifecycleOptions): Policy {
  return engine.product === 'opensearch'
    ? statePolicy(name, options)
    : lifecyclePolicy(engine, name, options);
}

/** Of Elasticsearch's index lifecycle management. Days to the deletion count from the rollover, where there is one. */
function lifecyclePolicy(engine: Engine, name: string, options: LifecycleOptions): Policy {
  const { naming, deleteAfter, rolloverSize, rolloverAge } = options;
  const size = isFrom(engine, { elasticsearch: [7, 13] }) ? 'max_primary_shard_size' : 'max_size';
  const rollover = { [size]: rolloverSize, max_age: `${rolloverAge}d` };
  const phases = {
    hot: {
      min_age: '0ms',
      actions: { ...(isRolledOver(naming) ? { rollover } : {}), set_priority: { priority: 100 } },
    },
    ...(deleteAfter > 0 ? { delete: { min_age: `${deleteAfter}d`, actions: { delete: {} } } } : {}),
  };
  return {
    path: `/_ilm/policy/${encodeURIComponent(name)}`,
    // Earlier ones refuse a policy that has a mark, and so take no second one from us.
    body: {
      policy: {
        phases,
        ...(isFrom(engine, { elasticsearch: [7, 14] }) ? { _meta: markOf(phases) } : {}),
      },
    },
    readMark: (answer) => markIn(answer, [name, 'policy', '_meta']),
  };
}

/** Of OpenSearch's index state management, which has no place for a mark but the description. */
function statePolicy(name: string, options: LifecycleOptions): Policy {
  const { naming, patterns, deleteAfter, rolloverSize, rolloverAge } = options;
  const isRolling = isRolledOver(naming);
  const states = [
    {
      name: 'hot',
      actions: isRolling
        ? [{ rollover: { min_size: rolloverSize, min_index_age: `${rolloverAge}d` } }]
        : [],
      transitions:
        deleteAfter > 0
          ? [
              {
                state_name: 'delete',
                conditions: {
                  [isRolling ? 'min_rollover_age' : 'min_index_age']: `${deleteAfter}d`,
                },
              },
            ]
          : [],
    },
    ...(deleteAfter > 0 ? [{ name: 'delete', actions: [{ delete: {} }], transitions: [] }] : []),
  ];
  const policy = {
    default_state: 'hot',
    states,
    ism_template: [{ index_patterns: patterns, priority: 100 }],
  };
  return {
    path: `/_plugins/_ism/policies/${encodeURIComponent(name)}`,
    body: { policy: { description: describeMark(markOf(policy)), ...policy } },
    readMark: (answer) => readDescription(textIn(answer, ['policy', 'description'])),
  };
}

const describeMark = ({ managed_by, fingerprint }: Mark): string =>
  `Life of the indices of API calls (managed_by: ${managed_by}, fingerprint: ${fingerprint})`;

function readDescription(text: string | undefined): Mark | undefined {
  const [, fingerprint] =
    /\(managed_by: sluice, fingerprint: ([0-9a-f]+)\)$/.exec(text ?? '') ?? [];
  return fingerprint === undefined ? undefined : { managed_by: 'sluice', fingerprint };
}
