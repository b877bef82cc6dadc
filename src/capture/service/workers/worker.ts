import type { ExposedMetrics } from '../../../telemetry/metrics.ts';
import type { Shown, WorkerPart } from '../service.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export interface WorkerParts {
  readonly index: number;
  readonly metrics: ExposedMetrics;
  readonly send: (message: FromWorker) => void;
  readonly reload: () => void;
  readonly stop: () => void;
}

/** What this process, one of several, has to do with the first one. `hear` takes what that says. */
export function createWorker({ index, metrics, send, reload, stop }: WorkerParts): {
  readonly part: WorkerPart;
  hear(message: ToWorker): void;
} {
  let shown: Shown | undefined;
  const report = async (id: number): Promise<void> => {
    if (shown === undefined) return;
    shown.measure();
    const readiness = shown.readiness();
    const diagnostics = shown.diagnostics();
    send({ kind: 'report', id, readiness, diagnostics, metrics: await metrics.everything() });
  };
  return {
    part: {
      index,
      shows(given) {
        shown = given;
      },
      up: () => send({ kind: 'up' }),
      finished: () => send({ kind: 'finished' }),
    },
    hear(message) {
      if (message.kind === 'report') void report(message.id);
      else if (message.kind === 'reload') reload();
      else stop();
    },
  };
}
