import type { Snapshot } from '../../../telemetry/metrics.ts';
import type { CaptureReadiness } from '../pages.ts';

/** What the first process says to a worker. */
export type ToWorker =
  /** Once for each that asks: what it is, and what it has counted. */
  | { readonly kind: 'report'; readonly id: number }
  /** As SIGHUP to a process alone. */
  | { readonly kind: 'reload' }
  /** As SIGTERM, but a second one does not hurry it: a terminal gives the signal to all processes itself. */
  | { readonly kind: 'stop' };

/** What a worker says to the first process. */
export type FromWorker =
  /** Its sources have begun. */
  | { readonly kind: 'up' }
  /** It ends by itself, for there is nothing left to see: nobody need take its place. */
  | { readonly kind: 'finished' }
  | ({ readonly kind: 'report'; readonly id: number } & WorkerReport);

export interface WorkerReport {
  readonly readiness: CaptureReadiness;
  readonly metrics: Snapshot;
  readonly diagnostics: object;
}

/** The variable that tells a worker which one it is, from 0; the one in whose place it comes had the same. */
export const workerVariable = 'SLUICE_WORKER';
