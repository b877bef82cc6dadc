import type { Log } from '#source';
import type { TrafficCounters, TrafficCounts } from '../shared/diagnosis/counters.ts';

/** What an interval's counters come to, in a line of the log. */
export function sayCounters(log: Log, counters: TrafficCounters): void {
  const { interfaces, before, after, capture } = counters;
  const all = Object.values(interfaces);
  log.info(
    {
      packets: sum(all, ({ packets }) => packets),
      kernel_drops: sum(all, ({ kernelDrops }) => kernelDrops),
      ...totals(before.ports),
      passed: sum(Object.values(after.ports), ({ httpRequests }) => httpRequests),
      gaps: capture.gaps,
      evicted: capture.evicted,
    },
    'Packets were looked at.',
  );
}

function totals(ports: Readonly<Record<string, TrafficCounts>>) {
  const all = Object.values(ports);
  return {
    segments: sum(all, ({ tcpSegments }) => tcpSegments),
    requests: sum(all, ({ httpRequests }) => httpRequests),
    responses: sum(all, ({ httpResponses }) => httpResponses),
    tls_handshakes: sum(all, ({ tlsHandshakes }) => tlsHandshakes),
    unparsed: sum(all, ({ unparsed }) => unparsed),
  };
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0);
