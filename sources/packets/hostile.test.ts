/** Bytes from anybody: nothing throws, nothing hangs, and what is kept stays within its bounds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { ethernet, type Frame, ip4, ip6, pcap, pcapng, tcpSegment } from './frames.testing.ts';
import { inspect, inspectFile } from './packets.testing.ts';

const held = (frames: readonly Frame[], wishes = {}): number => {
  const { metrics } = inspect(frames, wishes);
  return metrics.gauges.get('sluice_capture_packets_held_bytes') ?? Number.NaN;
};

const pieces = [
  ...[
    'GET / HTTP/1.1\r\n',
    'POST /x HTTP/1.1\r\nContent-Length: ',
    '5',
    '-5',
    '99999999999999',
    '\r\n\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n\r\n',
    '4\r\n',
    '-4\r\n',
    '0\r\n\r\n',
    'ffffffffffff\r\n',
    '\n\n',
    '\r',
    ';x',
  ],
  ...[
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n',
    'HTTP/1.1 204 No\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\n\r\n',
  ],
  ...[
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\0\0\x05\x01\x04\0\0\0\x01',
    '\x82\x86\x84\x3f\xff\xff\xff\xff\x7f',
    '\0\0\0\x04\0\0\0\0\0',
  ],
  ...[
    '\x16\x03\x01\x02\0\x01\0\x01\xfc',
    '\x17\x03\x03\x40\0',
    '*1\r\n$',
    '\0\0\0\x08\x04\xd2\x16\x2f',
    'S',
  ],
];

const words = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 20 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

const dialogue = fc.array(
  fc.record({
    from: fc.constantFrom('client' as const, 'server' as const),
    what: words,
    lost: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 })),
    wait: fc.constantFrom(0, 1, 150, 6000),
  }),
  { maxLength: 12 },
);

describe('hostile bytes', () => {
  it('of any kind are no file that stops us', () => {
    const magics = [
      'a1b2c3d4',
      'd4c3b2a1',
      '4d3cb2a1',
      '0a0d0d0a',
      '0a0d0d0a1c0000004d3c2b1a01000000',
      '',
    ].map((hex) => Buffer.from(hex, 'hex'));
    fc.assert(
      fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 400 }), (magic, bytes) => {
        inspectFile(Buffer.concat([magic, bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('in a file that was right are no harm', () => {
    const { frames } = new ScriptedConnection()
      .open()
      .say('client', 'GET / HTTP/1.1\r\n\r\n')
      .say('server', 'HTTP/1.1 200 OK\r\n\r\n')
      .close();
    const files = [
      pcap(frames),
      pcapng(
        [{ name: 'a', resolution: 9, drops: 1 }],
        frames.map((frame) => ({ ...frame, interface: 0 })),
      ),
    ];
    const changes = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...files), changes, (file, changed) => {
        const bytes = Buffer.from(file);
        for (const [at, value] of changed) bytes[at % bytes.length] = value;
        inspectFile(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('in place of packets are no harm, on any link', () => {
    const links = fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 276);
    const heads = fc.constantFrom(
      ...[
        Buffer.alloc(0),
        ethernet(Buffer.alloc(0)),
        ethernet(Buffer.from([0x60])),
        Buffer.from([0x45]),
        Buffer.from([0x60]),
      ],
      ...[
        ethernet(
          ip4({
            from: '1.2.3.4',
            to: '5.6.7.8',
            payload: Buffer.alloc(0),
            hasMore: true,
            offset: 8,
          }),
        ),
      ],
      ip6('::1', '::2', Buffer.alloc(0), 44),
    );
    const packet = fc
      .tuple(heads, fc.uint8Array({ maxLength: 120 }))
      .map(([head, tail]) => Buffer.concat([head, tail]));
    fc.assert(
      fc.property(links, fc.array(packet, { maxLength: 10 }), (linkType, packets) => {
        inspect(
          packets.map((bytes, index) => ({ bytes, time: 1000 + index })),
          { linkType },
        );
      }),
      { numRuns: 500 },
    );
  });

  it('within connections are no harm, and leave nothing behind', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        dialogue,
        fc.integer({ min: 1, max: 1448 }),
        (isFromStart, said, segmentSize) => {
          const connection = new ScriptedConnection({ segmentSize });
          if (isFromStart) connection.open();
          for (const { from, what, lost, wait } of said) {
            connection.say(from, Buffer.from(what, 'latin1')).wait(wait);
            if (lost > 0) connection.lose(from, lost);
          }
          expect(held(connection.frames)).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('with any numbers and flags are no harm', () => {
    const [from, to] = [
      { address: '10.0.0.7', port: 5 },
      { address: '10.0.0.9', port: 80 },
    ];
    const number = fc.oneof(
      fc.integer({ min: 0, max: 60 }),
      // Half of all numbers away from those: as far ahead as back.
      fc.integer({ min: 0x80000000, max: 0x80000000 + 60 }),
      fc.integer({ min: 0, max: 0xffffffff }),
    );
    const segment = fc.record({
      isBack: fc.boolean(),
      sequence: number,
      acknowledged: number,
      flags: fc.nat(31),
      words,
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 40 }), (segments) => {
        const frames = segments.map(({ isBack, words: what, ...fields }, index) => {
          const ends = isBack ? { from: to, to: from } : { from, to };
          const payload = tcpSegment({ ...fields, ...ends, payload: Buffer.from(what, 'latin1') });
          const ip = ip4({ from: ends.from.address, to: ends.to.address, payload });
          return { bytes: ethernet(ip), time: 1000 + index * 20 };
        });
        expect(held(frames)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('that never come to an end are held up to a bound', () => {
    const bound = 1024 * 1024;
    const all = Array.from({ length: 40 }, (_, index) => {
      const connection = new ScriptedConnection({
        client: { address: '10.0.0.7', port: 1000 + index },
      }).open();
      connection.say('client', `GET /${'x'.repeat(60_000)}`).lose('client', 1);
      return connection.say('client', 'y'.repeat(200_000), { isConfirmed: false });
    });
    let most = 0;
    const { counters } = inspect(
      all.flatMap(({ frames }) => frames),
      {
        held: bound,
        onHeld: (bytes: number) => {
          most = Math.max(most, bytes);
        },
      },
    );

    expect(counters.capture.lost.evicted).toBeGreaterThan(10);
    expect(most).toBeGreaterThan(bound / 2);
    expect(most).toBeLessThan(2 * bound);
  });

  it('that dribble in as a head of many packets cost no more than a head', () => {
    const head = `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(10_000)}`;
    const { frames } = new ScriptedConnection({ segmentSize: 1 }).open().say('client', head);

    expect(inspect(frames).exchanges).toEqual([]);
  });
});
