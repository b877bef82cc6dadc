import type { Counter, Gauge, Metrics } from '../lib/metrics.ts';

export interface CaptureMetrics {
  readonly exchanges: Counter;
  readonly records: Counter;
  readonly dropped: Counter;
  readonly unknown: Counter;
  readonly refused: Counter;
  readonly values: Counter;
  readonly wholes: Counter;
  readonly cutBodies: Counter;
  readonly copied: Gauge;
  readonly queuedRecords: Gauge;
  readonly queuedBytes: Gauge;
  readonly oldest: Gauge;
}

/** The metrics of the kit, for docs/capture.md and for those who count. */
export const captureMetrics = (metrics: Metrics): CaptureMetrics => ({
  exchanges: metrics.counter({
    name: 'sluice_capture_exchanges_total',
    help: 'Exchanges that a source saw: calls, and connections that nobody looked into.',
    labels: ['source'],
  }),
  records: metrics.counter({
    name: 'sluice_capture_records_total',
    help: 'Records of these: `written`, `filtered` (`record.where`), `sampled` (left out by `record.sample`).',
    labels: ['outcome'],
  }),
  dropped: metrics.counter({
    name: 'sluice_capture_dropped_total',
    help: 'Records that are lost: `queue` was full, the `stop` had no more time, a `failure` of ours.',
    labels: ['reason'],
  }),
  unknown: metrics.counter({
    name: 'sluice_capture_unknown_total',
    help: 'Records of which nobody knows whether Redis took them before the connection was lost; they were written again, so some may be there twice.',
  }),
  refused: metrics.counter({
    name: 'sluice_capture_write_refusals_total',
    help: 'Times that Redis refused to take records (memory, ACL, a key of another type); they wait.',
  }),
  values: metrics.counter({
    name: 'sluice_capture_redacted_values_total',
    help: 'Values redacted before records were written.',
  }),
  wholes: metrics.counter({
    name: 'sluice_capture_redacted_payloads_total',
    help: 'Payloads redacted as a whole, since they could not be looked through.',
    labels: ['reason'],
  }),
  cutBodies: metrics.counter({
    name: 'sluice_capture_cut_bodies_total',
    help: 'Bodies of which records keep less than `record.bodies`, because calls under way held `record.bodies_total` together.',
  }),
  copied: metrics.gauge({
    name: 'sluice_capture_body_copies_bytes',
    help: 'Bytes of bodies that calls under way hold for their records.',
  }),
  queuedRecords: metrics.gauge({
    name: 'sluice_capture_queue_records',
    help: 'Records that wait to be written.',
  }),
  queuedBytes: metrics.gauge({
    name: 'sluice_capture_queue_bytes',
    help: 'Bytes of these.',
  }),
  oldest: metrics.gauge({
    name: 'sluice_capture_queue_age_seconds',
    across: 'max',
    help: 'Time since the last record was written while others wait; 0: none waits.',
  }),
});
