import { type Clock, type Counter, type Log, type Metrics, shownHostPort } from '#source';
import type { CallEnd } from '../../shared/relay/decision.ts';
import { Meter } from '../../shared/relay/meter.ts';
import type { Asked } from '../policy/verdict.ts';
import type { AuditFile } from './audit-file.ts';
import { type AuditEvent, auditLine } from './event.ts';

/** Tells what was decided: to the audit log, the process's log, and metrics. */
export interface Audit {
  tell(event: AuditEvent): void;
  /** A call of an endpoint has ended. */
  called(entry: string, endpoint: string, end: CallEnd): void;
  /** Metrics of what is no request of HTTP, under the names that requests have. */
  readonly meter: Meter;
}

/** A client that is denied again and again is one line in so many milliseconds. */
const quietTime = 60_000;
const mostQuiet = 1_000;

export function createAudit(parts: {
  readonly file: AuditFile | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}): Audit {
  const { file, log, clock, metrics } = parts;
  const meter = new Meter(metrics, 'egress', 'out');
  const denied = metrics.counter(deniedMetric);
  const called = metrics.counter(calledMetric);
  const quiet = new Map<string, { until: number; count: number }>();

  const warn = (event: AuditEvent): void => {
    const { client, asked, entry, reason, words } = event;
    const key = `${client.replace(/:\d+$/, '')} ${asked} ${reason}`;
    const now = clock.elapsed();
    const known = quiet.get(key);
    if (known !== undefined && known.until > now) {
      known.count += 1;
      return;
    }
    const repeated = known?.count ?? 0;
    quiet.delete(key);
    quiet.set(key, { until: now + quietTime, count: 0 });
    const [oldest] = quiet.keys();
    if (quiet.size > mostQuiet && oldest !== undefined) quiet.delete(oldest);
    log.warn(
      { client, asked, entry, reason, words, ...(repeated > 0 ? { repeated } : {}) },
      'A call was denied.',
    );
  };

  return {
    meter,
    tell(event) {
      file?.write(auditLine(event, clock.now()));
      if (event.decision !== 'denied') return;
      const { entry = '', reason = 'host', by } = event;
      denied.add(1, { entry, reason, by });
      meter.refused(reason);
      warn(event);
    },
    called: (entry, endpoint, { status }) =>
      called.add(1, { entry, endpoint, outcome: outcomeOf(status) }),
  };
}

const outcomeOf = (status: number | undefined): string =>
  status === undefined ? 'failed' : `${Math.floor(status / 100)}xx`;

const deniedMetric = {
  name: 'sluice_egress_denied_total',
  help: 'Calls that were denied, by reason, by how they were asked for, and by the entry that has the host, where one does.',
  labels: ['entry', 'reason', 'by'],
};

const calledMetric = {
  name: 'sluice_egress_endpoint_calls_total',
  help: 'Calls that have ended, by the endpoint as the entry names it, and by the class of the status; `failed`: there was none. A tunnel that opened is `2xx`.',
  labels: ['entry', 'endpoint', 'outcome'],
};

/** Lines of the audit log that could not be written. */
export const lostLines = (metrics: Metrics): Counter =>
  metrics.counter({
    name: 'sluice_egress_audit_lost_total',
    help: 'Lines of the audit log that were lost, because its file could not be written, or not fast enough.',
  });

/** As people and the audit log read it. */
export const shownAsked = ({ host, port }: Pick<Asked, 'host' | 'port'>): string =>
  shownHostPort({ host, port });

/** What a client wrote that names nobody: cut, and without what could be a line of its own or a password. */
export const shownUnread = (text: string): string =>
  text
    .replace(/[^ -~]/g, '?')
    .replace(/^.*@/, '…@')
    .replace(/[/?#].*$/, '…')
    .slice(0, 100);
