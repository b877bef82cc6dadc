/*
 * From what was counted to why calls are seen, or are not. Pure: the same counters give the same words. For each port the first rule that
 * holds is its verdict; before them stands what is wrong with looking itself, for that explains the rest.
 */
import { type Grounds, type Verdict, verdict } from '#source';
import type { Loss } from '../wire/conversation.ts';
import { seeBehindSocket, seeBehindTls } from './advice.ts';
import type { CaptureCounts, TrafficCounters, TrafficCounts } from './counters.ts';

/** What is known beside the packets. */
export interface Surroundings {
  /** Unix sockets that somebody listens at, where it was looked for. */
  readonly unixSockets: readonly string[];
}

/** A port with less of the traffic than this is not worth a line, unless something is wrong with it. */
const smallShare = 0.03;
/** Of the segments at a port in which nothing was recognised. */
const muchUnparsed = 0.3;
/** Of answers whose requests nobody saw. */
const manyUnpaired = 0.1;
const mostNames = 5;

/** The most important first: what hides everything, then ports by what is wrong with them and by their traffic. Never empty. */
export function diagnose(counters: TrafficCounters, around: Surroundings): readonly Verdict[] {
  const ports = Object.entries(counters.before.ports);
  const segments = sum(ports, ([, counts]) => counts.tcpSegments);
  const packets = sum(Object.values(counters.interfaces), (each) => each.packets);
  const looking = [...aboutLooking(counters, packets)];
  if (packets === 0) return [nothingSeen(counters), ...unixSockets(around, true)];
  if (ports.length === 0)
    return [...looking, noTraffic(counters, packets), ...unixSockets(around, true)];
  const told = ports
    .map(([port, counts]) => ({ share: counts.tcpSegments / Math.max(segments, 1), counts, port }))
    .sort((one, other) => other.share - one.share);
  const shown = told.filter(({ share, counts }) => share >= smallShare || isTelling(counts));
  const verdicts = shown.map(({ port, counts, share }) =>
    portVerdict(port, counts, { after: counters.after.ports[port], share }),
  );
  const isAnySeen = sum(ports, ([, counts]) => counts.httpRequests) > 0;
  return [
    ...looking,
    ...[...verdicts].sort((one, other) => rank[one.severity] - rank[other.severity]),
    ...unixSockets(around, !isAnySeen),
    ...others(told.length - shown.length),
  ];
}

const rank = { problem: 0, note: 1, ok: 2 };

/** Something other than segments that nobody understood. */
const isTelling = ({
  httpRequests,
  httpResponses,
  tlsHandshakes,
  http2Prefaces,
}: TrafficCounts): boolean => httpRequests + httpResponses + tlsHandshakes + http2Prefaces > 0;

/** What is wrong with looking, whatever is looked at. */
function* aboutLooking(
  { interfaces, before, capture }: TrafficCounters,
  packets: number,
): Generator<Verdict> {
  const drops = sum(Object.values(interfaces), ({ kernelDrops }) => kernelDrops);
  if (drops > 0)
    yield problem(
      'kernel-drops',
      `The kernel dropped ${drops} packets that nobody has seen, so calls are missing or end early.`,
      {
        evidence: Object.entries(interfaces)
          .filter(([, counts]) => counts.kernelDrops > 0)
          .map(
            ([name, counts]) => `${name}: ${counts.kernelDrops} dropped, ${counts.packets} seen`,
          ),
        next: [
          'Look at less: a narrower `filter`, such as `tcp port 8080`.',
          'Let the kernel hold more (`kernel_buffer`), or give this process more processor time.',
          'Record less of each call (`record.bodies`).',
        ],
      },
    );
  const answers = sum(Object.values(before.ports), ({ httpResponses }) => httpResponses);
  const unpaired = capture.responsesWithoutRequest;
  if (unpaired > 0 && unpaired >= manyUnpaired * answers)
    yield problem(
      'one-direction',
      `${unpaired} of ${answers} answers came without a request: one direction is missing.`,
      {
        evidence: [`${unpaired} answers without a request`],
        next: [
          'Look at an interface that both directions pass, or at `any`.',
          'Take words such as `src`, `dst` or `inbound` out of `filter`.',
          'Just after the start it is normal for connections that were there before.',
        ],
      },
    );
  yield* aboutLosses(capture.lost, packets);
}

/** What came, or was sent, and came to nothing. */
function* aboutLosses(
  { cut = 0, gap = 0, evicted = 0, ...rest }: CaptureCounts['lost'],
  packets: number,
): Generator<Verdict> {
  // Each packet that is cut leaves a hole.
  if (cut > 0)
    yield problem('cut', `Of ${cut} packets only the beginning was captured.`, {
      evidence: [`${cut} of ${packets} packets are shorter than they were`],
      next: ['Whoever wrote the file must capture whole packets (`tcpdump -s 0`).'],
    });
  else if (gap > 0)
    yield note(
      'gaps',
      `${gap} holes in connections: packets that were sent and that nobody saw here.`,
      {
        evidence: [`${gap} holes in ${packets} packets`],
        next: [
          'If the kernel dropped none, they take another way: look at `any`, or nearer to the service.',
        ],
      },
    );
  if (evicted > 0)
    yield note(
      'evicted',
      `${evicted} connections were forgotten at a bound, so their calls are missing.`,
      {
        evidence: [`${evicted} forgotten`],
        next: ['Raise `max_connections` or `max_held`, or look at less (`filter`).'],
      },
    );
  const contradicting = Object.entries(rest).filter(([reason]) => contradictions.has(reason));
  const segments = sum(contradicting, ([, count]) => count);
  if (segments > 0)
    yield note(
      'contradictions',
      `${segments} segments contradict their connections, and were left out.`,
      {
        evidence: contradicting.map(([reason, count]) => `${reason} (${count})`),
        next: [
          'A few follow from connections that were broken off. Many: somebody writes into connections that are not theirs, or packets of several networks with the same addresses are mixed.',
        ],
      },
    );
}

/** Reasons of what no peer sends that keeps to TCP. */
const contradictions: ReadonlySet<string> = new Set<Loss>([
  ...(['behind-fin', 'beyond-window', 'ended', 'tangled', 'reset'] as const),
]);

function nothingSeen({ interfaces, from, to }: TrafficCounters): Verdict {
  const names = Object.keys(interfaces).join(', ');
  const where = names === '' ? '' : ` on ${names}`;
  return problem('no-packets', `No packet was seen${where} in ${seconds(from, to)}.`, {
    evidence: ['0 packets'],
    next: [
      'Is it the right interface? `any` looks at all of this namespace.',
      'Is the service in a container or a pod? Its packets are in its own namespace: `--netns PID`.',
      'Does `filter` leave something of it?',
      'Did anybody call it in that time?',
    ],
  });
}

function noTraffic({ capture }: TrafficCounters, packets: number): Verdict {
  return problem(
    'no-traffic',
    `${packets} packets were seen, and no TCP connection with bytes in it.`,
    {
      evidence: [
        `${packets} packets`,
        ...Object.entries(capture.ignored).map(([reason, count]) => `${reason}: ${count}`),
      ],
      next: [
        'Is it the right interface, and did anybody call the service? HTTP/3 goes over UDP and cannot be seen.',
      ],
    },
  );
}

/** The first rule that holds. */
function portVerdict(
  port: string,
  counts: TrafficCounts,
  { after, share }: { readonly after: TrafficCounts | undefined; readonly share: number },
): Verdict {
  const { httpRequests: requests, httpResponses: answers, tlsHandshakes, tcpSegments } = counts;
  const of = (verdict: Verdict): Verdict => ({ ...verdict, port });
  const traffic = `${percent(share)} of the traffic, ${tcpSegments} segments`;
  // Whatever else is spoken there: TLS is not.
  if (counts.tlsRefused > 0)
    return of(
      problem(
        'tls-on-plain-port',
        `Port ${port}: ${counts.tlsRefused} connections began with TLS, and the server answered in plain HTTP.`,
        {
          evidence: [traffic, `${requests} requests in the clear`],
          next: ['Begin the address that those clients are given with http://.'],
        },
      ),
    );
  if (tlsHandshakes > counts.tlsDecrypted || Object.keys(counts.undecrypted).length > 0)
    return of(encrypted(port, counts, traffic));
  if (answers > 0 && requests === 0)
    return of(
      problem(
        'one-direction',
        `Port ${port}: ${answers} answers, and no request: only what servers send is seen.`,
        {
          evidence: [traffic],
          next: [
            'Look at an interface that both directions pass, or at `any`; take `src` and `dst` out of `filter`.',
          ],
        },
      ),
    );
  if (requests > 0 && answers === 0)
    return of(
      problem(
        'one-direction',
        `Port ${port}: ${requests} requests, and no answer: only what clients send is seen.`,
        {
          evidence: [traffic],
          next: [
            'Look at an interface that both directions pass, or at `any`; take `src` and `dst` out of `filter`.',
            'If the service is slow, look for longer.',
          ],
        },
      ),
    );
  if (requests > 0 && (after?.httpRequests ?? 0) === 0)
    return of(
      problem(
        'filtered',
        `Port ${port}: ${requests} requests were seen, and your filters left none of them.`,
        {
          evidence: [traffic, `${requests} requests before the filters, 0 after`],
          next: [
            'Look at `ports`, `hosts` and `paths` of the source; empty lists let everything pass.',
          ],
        },
      ),
    );
  if (requests > 0) {
    const isHalf = shareUnparsed(counts) > muchUnparsed;
    const evidence = [
      traffic,
      `${requests} requests, ${answers} answers, ${after?.httpRequests ?? 0} requests after the filters`,
    ];
    if (!isHalf)
      return of({
        ...note('seen', `Port ${port}: ${requests} requests are seen.`, { evidence, next: [] }),
        severity: 'ok',
      });
    return of(
      note(
        'unparsed',
        `Port ${port}: ${requests} requests are seen, but in ${percent(shareUnparsed(counts))} of the segments nothing was recognised.`,
        {
          evidence,
          next: [
            'Connections from before the start are read from their next message on: look for longer.',
            'The rest may be another protocol, or TLS whose beginning was missed.',
          ],
        },
      ),
    );
  }
  return of(notHttp(port, counts, traffic));
}

/** A port at which no message of HTTP was seen, and no handshake. */
function notHttp(port: string, counts: TrafficCounts, traffic: string): Verdict {
  const { http2Prefaces, recognised, unparsed } = counts;
  const protocols = named(recognised);
  if (http2Prefaces > 0)
    return problem(
      'http2',
      `Port ${port}: ${http2Prefaces} connections of HTTP/2 in the clear, and no call of them was read.`,
      {
        evidence: [traffic],
        next: [
          'Connections that began before are not read: look for longer. A proxy such as `sluice capture gateway` records HTTP/2 in any case.',
        ],
      },
    );
  if (protocols.length > 0)
    return {
      ...note('other-protocol', `Port ${port}: ${protocols.join(', ')}, and no HTTP.`, {
        evidence: [traffic],
        next: [],
      }),
      severity: 'ok',
    };
  if (shareUnparsed(counts) > muchUnparsed)
    return problem(
      'unparsed',
      `Port ${port}: in ${percent(shareUnparsed(counts))} of the segments nothing was recognised.`,
      {
        evidence: [traffic, `${unparsed} segments not recognised`],
        next: [
          'Connections that were there before the start show no handshake, and look like this when they are encrypted: look again after new connections were made.',
          'It may be a protocol that is not HTTP.',
        ],
      },
    );
  return note('small', `Port ${port}: too little was seen to say what it is.`, {
    evidence: [traffic],
    next: ['Look for longer.'],
  });
}

function encrypted(port: string, counts: TrafficCounts, traffic: string): Verdict {
  const { tlsHandshakes, tlsDecrypted, undecrypted, serverNames, httpRequests } = counts;
  const names = named(serverNames);
  const evidence = [
    traffic,
    `${tlsHandshakes} TLS handshakes${names.length === 0 ? ', none with a name' : ` for ${names.join(', ')}`}`,
    ...(tlsDecrypted > 0 ? [`${tlsDecrypted} decrypted`] : []),
    ...named(undecrypted).map((reason) => `not decrypted: ${reason}`),
  ];
  const handshakes = `${tlsHandshakes} TLS handshakes`;
  if (httpRequests > 0)
    return problem(
      'mixed',
      `Port ${port}: ${httpRequests} HTTP requests ${tlsDecrypted > 0 ? 'in the clear or decrypted' : 'in the clear'}, and ${handshakes}: what is encrypted is not seen.`,
      { evidence, next: seeBehindTls },
    );
  return problem('encrypted', `Port ${port}: ${handshakes}, 0 HTTP requests: encrypted.`, {
    evidence,
    next: seeBehindTls,
  });
}

function* unixSockets(
  { unixSockets: paths }: Surroundings,
  isNothingSeen: boolean,
): Generator<Verdict> {
  if (paths.length === 0) return;
  const shown = paths.slice(0, mostNames);
  const more = paths.length > shown.length ? [`${paths.length - shown.length} more`] : [];
  yield {
    ...note(
      'unix-socket',
      `Somebody listens at ${paths.length === 1 ? 'a Unix socket' : `${paths.length} Unix sockets`}: calls that go there are in no packet.`,
      {
        evidence: [...shown, ...more],
        next: seeBehindSocket,
      },
    ),
    severity: isNothingSeen ? 'problem' : 'note',
  };
}

function* others(ports: number): Generator<Verdict> {
  if (ports > 0)
    yield note(
      'small',
      `${ports} other ports have less than ${percent(smallShare)} of the traffic each, and no HTTP or TLS was seen at them.`,
      { evidence: [], next: [] },
    );
}

const problem = (kind: Verdict['kind'], words: string, grounds: Grounds): Verdict =>
  verdict(kind, 'problem', words, grounds);

const note = (kind: Verdict['kind'], words: string, grounds: Grounds): Verdict =>
  verdict(kind, 'note', words, grounds);

/** The names with the highest counts, and how many more there are. */
function named(counts: Readonly<Record<string, number>>): readonly string[] {
  const all = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const shown = all.slice(0, mostNames).map(([name, count]) => `${name} (${count})`);
  return all.length > mostNames ? [...shown, `${all.length - mostNames} more`] : shown;
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const seconds = (from: number, to: number): string =>
  `${Math.max(0, Math.round((to - from) / 1000))} s`;

/** What an interval counts as unparsed may have come in the one before. */
const shareUnparsed = ({ unparsed, tcpSegments }: TrafficCounts): number =>
  unparsed / Math.max(tcpSegments, unparsed, 1);
