import type { Log, SourceReport } from '#source';
import type { TrafficCounters, TrafficCounts } from '../shared/diagnosis/counters.ts';
import { diagnose } from '../shared/diagnosis/diagnose.ts';
import { findUnixListeners } from '../shared/diagnosis/unix-sockets.ts';

/** Why calls are seen, or are not, with what says so. */
export async function reportOf(
  counters: TrafficCounters,
  { interface: name, netns }: { readonly interface: string; readonly netns: string },
): Promise<SourceReport> {
  const isLive = name !== '';
  // Of a namespace that has only a path nobody can ask. A file says nothing of a machine.
  const isAsked = isLive && !netns.startsWith('/');
  const unixSockets = isAsked ? await findUnixListeners(netns === '' ? 'self' : netns) : [];
  const none = { packets: 0, bytes: 0, kernelDrops: 0 };
  const interfaces = isLive ? { [name]: none, ...counters.interfaces } : counters.interfaces;
  const known = { ...counters, interfaces };
  const { from, to } = counters;
  return { from, to, verdicts: diagnose(known, { unixSockets }), counters: known };
}

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
      ...capture.lost,
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
