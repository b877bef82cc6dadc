import type { ApiModel } from '../model.ts';
import { quantile } from '../operations/operation.ts';
import { resolvedModel } from './resolved-model.ts';

/** One operation, in a line. Times in milliseconds. */
interface OperationSummary {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly calls: number;
  /** Calls by status; 0: no answer. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly p95: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** A model at a glance. `lost`: what found no room, by what it was. */
export interface ModelSummary {
  readonly calls: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly operations: readonly OperationSummary[];
}

export function summaryOf(model: ApiModel): ModelSummary {
  const operations = resolvedModel(model).hosts.flatMap(({ host, apiPaths }) =>
    apiPaths.flatMap(({ template, operations: byMethod }) =>
      [...byMethod].map(([method, operation]) => ({
        ...{ host, method, path: template, calls: operation.count },
        statuses: Object.fromEntries(
          [...operation.responses]
            .sort(([one], [other]) => one - other)
            .map(([status, { count }]) => [String(status), count]),
        ),
        p95: quantile(operation.latency, 0.95),
        firstSeen: operation.firstSeen,
        lastSeen: operation.lastSeen,
      })),
    ),
  );
  return { calls: model.calls, lost: Object.fromEntries(model.room.lost), operations };
}
