import type { ApiModel } from '../model.ts';
import type { Operation } from '../operations/operation.ts';
import type { PathNode } from '../paths/node.ts';
import { type ApiPath, apiPathsOf, resolved } from '../paths/resolve.ts';
import { type Habits, habitsOf } from '../values/required.ts';

/** A model as it is shown, compared and kept to: with paths that are templates. */
export interface ResolvedModel {
  readonly hosts: readonly ResolvedHost[];
  readonly habits: Habits;
}

export interface ResolvedHost {
  readonly host: string;
  readonly root: PathNode;
  readonly apiPaths: readonly ApiPath[];
}

export function resolvedModel(model: ApiModel): ResolvedModel {
  const hosts = [...model.hosts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([host, node]) => {
      const root = resolved(node);
      return { host, root, apiPaths: apiPathsOf(root) };
    });
  return { hosts, habits: habitsOf(allOperations(hosts)) };
}

function* allOperations(hosts: readonly ResolvedHost[]): Iterable<Operation> {
  for (const { apiPaths } of hosts)
    for (const { operations } of apiPaths) yield* operations.values();
}
