import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrafficCounters, TrafficCounts } from './counters.ts';
import { diagnose } from './diagnose.ts';
import { unixListeners } from './unix-sockets.ts';

const nothing: TrafficCounts = {
  ...{
    tcpSegments: 0,
    httpRequests: 0,
    httpResponses: 0,
    tlsHandshakes: 0,
    http2Prefaces: 0,
    tlsDecrypted: 0,
    tlsRefused: 0,
    undecrypted: {},
  },
  ...{ unparsed: 0, recognised: {}, serverNames: {} },
};
const counts = (more: Partial<TrafficCounts>): TrafficCounts => ({ ...nothing, ...more });
const http = counts({ tcpSegments: 100, httpRequests: 40, httpResponses: 40 });
const tls = counts({
  ...{ tcpSegments: 200, tlsHandshakes: 7, unparsed: 180 },
  serverNames: { 'shop.example': 5, 'api.example': 2 },
});

const calls = { httpRequests: 40, httpResponses: 40 };

type Ports = Readonly<Record<string, TrafficCounts>>;

/** `after` left out: as before. */
function seen(
  ports: Ports,
  more: {
    after?: Ports;
    drops?: number;
    packets?: number;
    capture?: Partial<TrafficCounters['capture']>;
  } = {},
): TrafficCounters {
  const { after = ports, drops = 0, packets = 1000, capture = {} } = more;
  return {
    ...{ source: 'packets', from: 1000, to: 11_000 },
    interfaces: { eth0: { packets, bytes: packets * 500, kernelDrops: drops } },
    ...{ before: { ports, hosts: {} }, after: { ports: after, hosts: {} } },
    capture: { responsesWithoutRequest: 0, lost: {}, ignored: {}, ...capture },
  };
}

const quiet = { unixSockets: [] };

describe('the diagnosis', () => {
  it.each<[string, TrafficCounters, string, string, RegExp]>([
    [
      'TLS alone',
      seen({ 443: tls }),
      'encrypted',
      'Port 443: 7 TLS handshakes, 0 HTTP requests: encrypted.',
      /netns/,
    ],
    [
      'TLS and HTTP at one port',
      seen({ 8443: { ...tls, httpRequests: 3, httpResponses: 3 } }),
      'mixed',
      'Port 8443: 3 HTTP requests in the clear, and 7 TLS handshakes: what is encrypted is not seen.',
      /reverse proxy/,
    ],
    [
      'TLS of which some is decrypted',
      seen({ 443: { ...tls, ...calls, tlsDecrypted: 5, undecrypted: { 'no-secrets': 2 } } }),
      'mixed',
      'Port 443: 40 HTTP requests in the clear or decrypted, and 7 TLS handshakes: what is encrypted is not seen.',
      /SSLKEYLOGFILE/,
    ],
    [
      'TLS that is decrypted',
      seen({ 443: { ...tls, ...calls, unparsed: 0, tlsDecrypted: 7 } }),
      'seen',
      'Port 443: 40 requests are seen.',
      /^$/,
    ],
    [
      'TLS that is answered in plain HTTP',
      seen({ 80: { ...http, tlsHandshakes: 2, tlsRefused: 2 } }),
      'tls-on-plain-port',
      'Port 80: 2 connections began with TLS, and the server answered in plain HTTP.',
      /http:\/\//,
    ],
    ['HTTP', seen({ 80: http }), 'seen', 'Port 80: 40 requests are seen.', /^$/],
    [
      'filters that leave nothing',
      seen({ 80: http }, { after: {} }),
      'filtered',
      'Port 80: 40 requests were seen, and your filters left none of them.',
      /empty lists/,
    ],
    [
      'answers alone',
      seen({ 80: counts({ tcpSegments: 9, httpResponses: 9 }) }),
      'one-direction',
      'Port 80: 9 answers, and no request: only what servers send is seen.',
      /both directions/,
    ],
    [
      'requests alone',
      seen({ 80: counts({ tcpSegments: 9, httpRequests: 9 }) }),
      'one-direction',
      'Port 80: 9 requests, and no answer: only what clients send is seen.',
      /both directions/,
    ],
    [
      'HTTP that is half understood',
      seen({ 80: { ...http, unparsed: 31 } }),
      'unparsed',
      'Port 80: 40 requests are seen, but in 31 % of the segments nothing was recognised.',
      /look for longer/,
    ],
    [
      'HTTP with some that is not',
      seen({ 80: { ...http, unparsed: 30 } }),
      'seen',
      'Port 80: 40 requests are seen.',
      /^$/,
    ],
    [
      'nothing that is understood',
      seen({ 9000: counts({ tcpSegments: 50, unparsed: 50 }) }),
      'unparsed',
      'Port 9000: in 100 % of the segments nothing was recognised.',
      /look again/,
    ],
    [
      'HTTP/2 that is not read',
      seen({ 50051: counts({ tcpSegments: 50, http2Prefaces: 2, unparsed: 48 }) }),
      'http2',
      'Port 50051: 2 connections of HTTP/2 in the clear, and no call of them was read.',
      /gateway/,
    ],
    [
      'another protocol',
      seen({ 6379: counts({ tcpSegments: 50, recognised: { redis: 3 }, unparsed: 40 }) }),
      'other-protocol',
      'Port 6379: redis (3), and no HTTP.',
      /^$/,
    ],
    [
      'too little',
      seen({ 80: counts({ tcpSegments: 3 }) }),
      'small',
      'Port 80: too little was seen to say what it is.',
      /longer/,
    ],
    [
      'no packet',
      seen({}, { packets: 0 }),
      'no-packets',
      'No packet was seen on eth0 in 10 s.',
      /any/,
    ],
    [
      'packets without TCP',
      seen({}),
      'no-traffic',
      '1000 packets were seen, and no TCP connection with bytes in it.',
      /UDP/,
    ],
    [
      'drops of the kernel',
      seen({ 80: http }, { drops: 12 }),
      'kernel-drops',
      'The kernel dropped 12 packets that nobody has seen, so calls are missing or end early.',
      /kernel_buffer/,
    ],
    [
      'many answers without requests',
      seen({ 80: http }, { capture: { responsesWithoutRequest: 4 } }),
      'one-direction',
      '4 of 40 answers came without a request: one direction is missing.',
      /both directions/,
    ],
    [
      'holes',
      seen({ 80: http }, { capture: { lost: { gap: 2 } } }),
      'gaps',
      '2 holes in connections: packets that were sent and that nobody saw here.',
      /another way/,
    ],
    [
      'connections forgotten',
      seen({ 80: http }, { capture: { lost: { evicted: 5 } } }),
      'evicted',
      '5 connections were forgotten at a bound, so their calls are missing.',
      /max_connections/,
    ],
    [
      'packets that were cut, rather than of the holes that they leave',
      seen({ 80: http }, { capture: { lost: { gap: 90, cut: 100 } } }),
      'cut',
      'Of 100 packets only the beginning was captured.',
      /-s 0/,
    ],
    [
      'what nobody sends',
      seen({ 80: http }, { capture: { lost: { 'behind-fin': 2, reset: 1, idle: 9 } } }),
      'contradictions',
      '3 segments contradict their connections, and were left out.',
      /same addresses/,
    ],
  ])('of %s', (_, counters, kind, words, next) => {
    const [first] = diagnose(counters, quiet);

    expect([first?.kind, first?.words]).toEqual([kind, words]);
    expect(first?.next.join('\n')).toMatch(next);
  });

  it('names the hosts of what is encrypted, those with the most handshakes first', () => {
    const serverNames = Object.fromEntries(
      Array.from({ length: 8 }, (_, at) => [`h${at}.example`, at + 1]),
    );
    const [first] = diagnose(seen({ 443: { ...tls, tlsHandshakes: 36, serverNames } }), quiet);

    expect(first?.evidence).toEqual([
      '100 % of the traffic, 200 segments',
      '36 TLS handshakes for h7.example (8), h6.example (7), h5.example (6), h4.example (5), h3.example (4), 3 more',
    ]);
    expect(
      first?.next.map((step) => /netns|gateway|load balancer|eBPF|keylog|HAR/.exec(step)?.[0]),
    ).toEqual([...['netns', 'gateway', 'load balancer', 'eBPF', 'keylog', 'HAR']]);
  });

  it('has a verdict for each port, problems first, and passes over those with little', () => {
    const little = counts({ tcpSegments: 2, unparsed: 2 });
    const verdicts = diagnose(
      seen({ 80: http, 81: little, 82: little, 443: tls, 444: { ...tls, tcpSegments: 1 } }),
      quiet,
    );

    expect(verdicts.map(({ port, kind, severity }) => [port, kind, severity])).toEqual([
      ['443', 'encrypted', 'problem'],
      ['444', 'encrypted', 'problem'],
      ['80', 'seen', 'ok'],
      [undefined, 'small', 'note'],
    ]);
    expect(verdicts.at(-1)?.words).toMatch(/^2 other ports/);
  });

  it('tells of Unix sockets, as a problem where nothing else was seen', () => {
    const around = { unixSockets: ['/run/app.sock'] };
    const of = (counters: TrafficCounters) =>
      diagnose(counters, around).find(({ kind }) => kind === 'unix-socket')?.severity;

    expect([
      of(seen({}, { packets: 0 })),
      of(seen({})),
      of(seen({ 443: tls })),
      of(seen({ 80: http })),
    ]).toEqual([...['problem', 'problem', 'problem', 'note']]);
  });

  it('gives no share of segments that came in the interval before', () => {
    const counts = { ...nothing, httpRequests: 1, httpResponses: 1, unparsed: 1 };
    const [verdict] = diagnose(seen({ 80: counts }), quiet);
    expect(verdict?.words).toContain('in 100 % of the segments');
  });

  it('always says something, and the same of the same', () => {
    const some = fc.record(
      Object.fromEntries(
        Object.keys(nothing).map((name) => [
          name,
          typeof nothing[name as keyof TrafficCounts] === 'number'
            ? fc.nat(50)
            : fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.nat(9)),
        ]),
      ) as unknown as { [K in keyof TrafficCounts]: fc.Arbitrary<TrafficCounts[K]> },
    );
    const ports = fc.dictionary(fc.constantFrom('80', '443', 'other', '__proto__'), some);
    fc.assert(
      fc.property(ports, ports, fc.nat(3), fc.nat(3), (before, after, packets, drops) => {
        const counters = seen(before, { after, packets, drops });
        const verdicts = diagnose(counters, quiet);
        expect(verdicts.length).toBeGreaterThan(0);
        for (const { words } of verdicts) expect(words).not.toMatch(/NaN|undefined|Infinity/);
        expect(diagnose(counters, quiet)).toEqual(verdicts);
      }),
    );
  });
});

describe('the Unix sockets that somebody listens at', () => {
  it('are the streams with a path that accept connections, but for those of the system', () => {
    const text = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '0000000000000000: 00000002 00000000 00010000 0001 01 21601 /run/app/app.sock',
      '0000000000000000: 00000002 00000000 00010000 0001 01 21602 /srv/with space.sock',
      '0000000000000000: 00000003 00000000 00000000 0001 03 21603 /run/app/app.sock',
      '0000000000000000: 00000002 00000000 00010000 0005 01 21604 /run/udev/control',
      '0000000000000000: 00000002 00000000 00010000 0001 01 21605 /run/systemd/journal/stdout',
      '0000000000000000: 00000002 00000000 00010000 0001 01 21606 @abstract',
      '0000000000000000: 00000002 00000000 00000000 0002 01 21607 /dev/log',
    ].join('\n');

    expect(unixListeners(text)).toEqual(['/run/app/app.sock', '/srv/with space.sock']);
    fc.assert(fc.property(fc.string(), (any) => unixListeners(any).length >= 0));
  });
});
