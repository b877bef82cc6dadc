import { type SourceReport, type Verdict, verdict } from '#source';
import type { Grown } from './meter.ts';
import { type ProcessFacts, unseenWords } from './watch/processes.ts';
import type { Workload } from './watch/watcher.ts';

/** What an interval came to. */
export interface Interval {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly workloads: readonly Workload[];
  /** Chosen by the operator, and without anything that could be probed. */
  readonly blind: readonly ProcessFacts[];
  /** How much of each grew; undefined: the loader was gone. */
  readonly grown: Grown | undefined;
  /** Calls that were recorded. */
  readonly calls: number;
}

const told = (all: readonly { readonly facts: ProcessFacts; readonly why: string }[]) =>
  all.slice(0, 5).map(({ facts, why }) => `${facts.name} (${facts.pid}): ${why}`);

/** Why calls of watched processes are seen, or are not. */
export function reportOf(interval: Interval): SourceReport {
  const { from, to, workloads, grown, calls } = interval;
  const verdicts = [...about(interval)];
  const counters = {
    calls,
    ...(grown ?? {}),
    processes: workloads.map(({ facts, state }) => ({
      ...{ pid: facts.pid, name: facts.name, program: facts.program, container: facts.container },
      ...{ libraries: facts.libraries, not_visible: unseenWords(facts) },
      ...(state.is === 'refused' ? { state: state.is, reason: state.reason } : { state: state.is }),
    })),
  };
  return { from, to, verdicts, counters };
}

function* about({ from, to, workloads, blind, grown, calls }: Interval): Generator<Verdict> {
  const seconds = Math.round((to - from) / 1000);
  if (grown === undefined)
    yield verdict('failed', 'problem', 'The loader was gone: nothing was seen.', {
      evidence: [],
      next: ['The log says how it ended; it is started again.'],
    });
  const refused = workloads.flatMap(({ facts, state }) =>
    state.is === 'refused' ? [{ facts, why: state.reason }] : [],
  );
  if (refused.length > 0)
    yield verdict('failed', 'problem', `${refused.length} processes cannot be watched.`, {
      evidence: told(refused),
      next: ['The loader needs the rights that its README names.'],
    });
  const lost = (grown?.lost ?? 0) + (grown?.faults ?? 0);
  if (lost > 0 || (grown?.cutBytes ?? 0) > 0)
    yield verdict('gaps', 'problem', 'Not all that watched processes read and wrote was seen.', {
      evidence: [
        `${grown?.lost} pieces had no place in the ring (${grown?.lostBytes} bytes)`,
        `${grown?.faults} pieces could not be read`,
        `${grown?.cutBytes} bytes were in calls of more than 1 MiB`,
      ],
      next: ['Watch fewer processes, or give this one more processor time.'],
    });
  const unseen = blind.map((facts) => ({ facts, why: unseenWords(facts) ?? '' }));
  if (unseen.length > 0)
    yield verdict(
      'encrypted',
      'problem',
      `The TLS of ${blind.length} processes is not visible to probes.`,
      {
        evidence: told(unseen),
        next: [
          'Look at packets behind whoever ends TLS before them: packets, in their network namespace.',
          'Let their calls go through the egress entry, or the forward proxy with an authority of yours.',
        ],
      },
    );
  const watched = workloads.length - refused.length;
  if (watched === 0)
    yield verdict('no-traffic', 'problem', 'No process is watched.', {
      evidence: [],
      next: ['`sluice capture workloads` lists processes, and what of them can be seen.'],
    });
  else if (calls > 0)
    yield verdict('seen', 'ok', `${calls} calls of ${watched} processes are seen.`, {
      evidence: [],
      next: [],
    });
  else if ((grown?.calls ?? 0) > 0)
    yield verdict(
      'unparsed',
      'problem',
      `${watched} processes used TLS in ${seconds} s, and none of it was HTTP from its beginning.`,
      {
        evidence: [`${grown?.calls} calls of SSL_read and SSL_write`],
        next: [
          'Of connections that were open before, the next request of HTTP/1 is seen; HTTP/2 is seen on new connections.',
        ],
      },
    );
  else
    yield verdict(
      'no-traffic',
      'note',
      `${watched} processes are watched, and said nothing over TLS in ${seconds} s.`,
      {
        evidence: [],
        next: ['Do they speak TLS themselves? What ends TLS before them may be another process.'],
      },
    );
}
