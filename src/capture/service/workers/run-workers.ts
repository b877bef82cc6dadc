import type { HostPort } from '../../../lib/host-port.ts';
import type { Mask } from '../../../lib/mask.ts';
import { type ExposedMetrics, expositionOf } from '../../../telemetry/metrics.ts';
import { type Pages, servePages, servingPages } from '../pages.ts';
import { Supervisor, type SupervisorParts } from './supervisor.ts';

export interface RunWorkersParts extends SupervisorParts {
  readonly metrics: ExposedMetrics;
  /** Where the pages of all are served; undefined: nowhere. */
  readonly listen: HostPort | undefined;
  readonly mask: Mask;
  readonly onHangUp: (act: () => void) => void;
}

/** What the first process of several does: it supervises them, and shows them as one. Resolves to the exit code. */
export async function runWorkers(parts: RunWorkersParts, stop: AbortSignal): Promise<number> {
  const { listen, mask, log, metrics } = parts;
  const supervisor = new Supervisor(parts);
  let pages: Pages | undefined;
  if (listen !== undefined) {
    pages = await servePages({
      ...{ listen, mask },
      async exposition() {
        const reports = await supervisor.reports();
        const counted = reports.flatMap((report) => (report === undefined ? [] : [report.metrics]));
        return expositionOf([await metrics.everything(), supervisor.departed, ...counted]);
      },
      async readiness() {
        const reports = await supervisor.reports();
        const workers = reports.map((report, index) => ({
          ...{ worker: index, pid: supervisor.pids[index] },
          ...(report?.readiness ?? { ready: false, reason: 'it does not answer' }),
        }));
        // One is enough to serve calls, and another is on its way.
        return { ready: !stop.aborted && workers.some(({ ready }) => ready), workers };
      },
      async diagnostics() {
        const reports = await supervisor.reports();
        return { workers: reports.map((report) => report?.diagnostics ?? {}) };
      },
    });
    log.info({ address: pages.address }, servingPages);
  }
  parts.onHangUp(() => supervisor.reload());
  try {
    return await supervisor.run(stop);
  } finally {
    await pages?.close();
  }
}
