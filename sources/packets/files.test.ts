import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { ethernet, type Frame, ip4, ip6, pcap, pcapng, tcpSegment } from './frames.testing.ts';
import { inspect, inspectFile } from './packets.testing.ts';

const call = (connection: ScriptedConnection) =>
  connection
    .open()
    .say('client', 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n')
    .say('server', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
    .close();

const frames = (link?: (ip: Buffer) => Buffer): readonly Frame[] =>
  call(new ScriptedConnection(link === undefined ? {} : { link })).frames;

const isSeen = (file: Buffer): boolean => inspectFile(file).exchanges[0]?.response?.status === 200;

describe('files of packets', () => {
  it.each([
    { isLittle: true, isNano: false },
    { isLittle: false, isNano: false },
    { isLittle: true, isNano: true },
    { isLittle: false, isNano: true },
  ])('are read as pcap, $isLittle little and $isNano nanoseconds', (form) => {
    const { exchanges, problem } = inspectFile(pcap(frames(), form));

    expect(problem).toBeUndefined();
    expect(exchanges).toHaveLength(1);
    // The request is the fourth frame.
    expect(exchanges[0]?.startedAt).toBeCloseTo(1_796_119_200_000.3, 2);
  });

  it.each([true, false])('are read as pcapng with several interfaces, little: %s', (isLittle) => {
    const [own, others] = [
      frames(),
      call(new ScriptedConnection({ link: (ip) => ip, client: { address: '10.0.0.8', port: 9 } }))
        .frames,
    ];
    const file = pcapng(
      [
        { name: 'eth0', drops: 7, ownDrops: 2 },
        { linkType: 101, resolution: 9 },
      ],
      [
        ...own.map((frame) => ({ ...frame, interface: 0 })),
        ...others.map((frame) => ({ ...frame, interface: 1 })),
      ],
      isLittle,
    );

    const { exchanges, counters, problem, metrics } = inspectFile(file);

    expect(problem).toBeUndefined();
    expect(exchanges.map(({ client }) => client.port)).toEqual([50_000, 9]);
    expect(exchanges[1]?.startedAt).toBeCloseTo(1_796_119_200_000.3, 2);
    expect(counters.interfaces).toMatchObject({
      eth0: { packets: own.length, kernelDrops: 9 },
      'test.pcap#1': { packets: others.length, kernelDrops: 0 },
    });
    expect(metrics.of('sluice_capture_packets_lost_total', 'kernel')).toBe(7);
    expect(metrics.of('sluice_capture_packets_lost_total', 'interface')).toBe(2);
  });

  it('are read in chunks of any size', () => {
    const files = [
      pcap(frames()),
      pcapng(
        [{}],
        frames().map((frame) => ({ ...frame, interface: 0 })),
      ),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.integer({ min: 1, max: 300 }), (file, chunk) => {
        expect(inspectFile(file, { chunk }).exchanges).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it('that end in the middle say so, with what came before', () => {
    const file = pcap(frames());
    const { exchanges, problem } = inspectFile(file.subarray(0, file.length - 10));

    expect(exchanges).toHaveLength(1);
    expect(problem).toMatch(/^it ends in the middle of a packet, \d+ bytes behind byte \d+$/);
  });

  it.each([
    ['', 'it is empty'],
    [
      '{"json": true, "and": "more of it, so that it is long enough"}',
      'it is neither pcap nor pcapng',
    ],
    ['abc', 'it is neither pcap nor pcapng'],
  ])('that are none say so: %j', (text, problem) => {
    expect(inspectFile(Buffer.from(text)).problem).toBe(problem);
  });

  it('whose packets say that they are longer than any are not read on', () => {
    const file = Buffer.concat([
      pcap(frames()),
      Buffer.alloc(8),
      Buffer.from([0xff, 0xff, 0xff, 0x7f]),
      Buffer.alloc(4),
    ]);

    expect(inspectFile(file).problem).toMatch(
      /^a packet says that it has 2147483647 bytes, behind byte \d+$/,
    );
  });
});

describe('links', () => {
  const sll = (ip: Buffer): Buffer => Buffer.concat([Buffer.alloc(14), Buffer.from([8, 0]), ip]);
  const sll2 = (ip: Buffer): Buffer => Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(18), ip]);
  it.each<[string, number, (ip: Buffer) => Buffer]>([
    ['Ethernet', 1, ethernet],
    ['a VLAN', 1, (ip) => ethernet(ip, [7])],
    ['a VLAN in a VLAN', 1, (ip) => ethernet(ip, [7, 8])],
    ['Linux cooked', 113, sll],
    ['Linux cooked, version 2', 276, sll2],
    ['BSD’s loopback', 0, (ip) => Buffer.concat([Buffer.from([2, 0, 0, 0]), ip])],
    ['OpenBSD’s loopback', 108, (ip) => Buffer.concat([Buffer.from([0, 0, 0, 2]), ip])],
    ['nothing but IP', 101, (ip) => ip],
  ])('are read: %s', (_name, linkType, link) => {
    expect(isSeen(pcap(frames(link), { linkType }))).toBe(true);
  });

  it('that are not known are counted', () => {
    const { counters } = inspect(frames(), { linkType: 999 });

    expect(counters.capture.ignored).toEqual({ link: frames().length });
  });
});

describe('IP', () => {
  const [from, to] = [
    { address: '10.0.0.7', port: 5 },
    { address: '10.0.0.9', port: 80 },
  ];
  const ask = 'GET /fragmented HTTP/1.1\r\nHost: a.example\r\n\r\n';
  const segment = tcpSegment({
    from,
    to,
    sequence: 1,
    acknowledged: 1,
    flags: 24,
    payload: Buffer.from(ask),
  });
  const part = (offset: number, length: number, id = 9) =>
    ip4({
      from: from.address,
      to: to.address,
      id,
      payload: segment.subarray(offset, offset + length),
      offset,
      hasMore: offset + length < segment.length,
    });
  const seen = (packets: readonly Buffer[], step = 1) =>
    inspect(packets.map((ip, index) => ({ bytes: ethernet(ip), time: 1000 + index * step })));

  it.each([
    ['in order', [part(0, 24), part(24, 24), part(48, 100)]],
    ['out of order', [part(48, 100), part(0, 24), part(24, 24)]],
    ['with one twice', [part(0, 24), part(0, 24), part(24, 24), part(48, 100)]],
  ])('fragments are put together, %s', (_name, packets) => {
    expect(seen(packets).exchanges.map(({ request }) => request.target)).toEqual(['/fragmented']);
  });

  it('fragments that overlap are refused, and so is what comes of the same', () => {
    const { exchanges, metrics } = seen([
      part(0, 32),
      part(24, 24),
      part(48, 100),
      part(0, 24),
      part(24, 24),
    ]);

    expect(exchanges).toEqual([]);
    expect(metrics.of('sluice_capture_packets_lost_total', 'fragment')).toBe(1);
  });

  it('fragments whose others do not come are forgotten', () => {
    const { exchanges, metrics } = seen(
      [part(0, 24), part(24, 24), part(0, 24, 10), part(48, 100)],
      31_000,
    );

    expect(exchanges).toEqual([]);
    // The last one at the end of the file.
    expect(metrics.of('sluice_capture_packets_lost_total', 'fragment')).toBe(4);
  });

  it('version 6 is read, with headers and fragments', () => {
    const connection = call(
      new ScriptedConnection({
        client: { address: '2001:db8::7', port: 5 },
        server: { address: '::1', port: 80 },
      }),
    );
    expect(inspect(connection.frames).exchanges[0]).toMatchObject({
      client: { address: '2001:db8::7' },
      server: { address: '::1' },
    });

    const hops = Buffer.from([60, 0, 1, 4, 0, 0, 0, 0]);
    const options = Buffer.from([6, 0, 1, 4, 0, 0, 0, 0]);
    expect(
      seen([ip6('fe80::1', 'fe80::2', segment, 0, Buffer.concat([hops, options]))]).exchanges,
    ).toHaveLength(1);

    const fragment = (offset: number, length: number): Buffer => {
      const hasMore = offset + length < segment.length;
      const head = Buffer.from([
        6,
        0,
        offset >> 8,
        (offset & 0xf8) | (hasMore ? 1 : 0),
        0,
        0,
        0,
        1,
      ]);
      return ip6('fe80::1', 'fe80::2', segment.subarray(offset, offset + length), 44, head);
    };
    expect(seen([fragment(40, 100), fragment(0, 40)]).exchanges).toHaveLength(1);
  });

  it('packets of which only the beginning was captured leave a gap', () => {
    const long = new ScriptedConnection().open().say('client', ask);
    long
      .say('server', `HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n${'x'.repeat(500)}`)
      .wait(200);
    long.say('client', ask).say('server', 'HTTP/1.1 204 No Content\r\n\r\n');
    const cut = long.frames.map(({ bytes, time }) => ({ bytes: bytes.subarray(0, 200), time }));

    const { exchanges } = inspect(cut);
    expect(exchanges.map(({ response }) => [response?.status, response?.body.length])).toEqual([
      [200, 500],
      [204, 0],
    ]);
    expect(exchanges[0]?.response?.body.bytes.length).toBeLessThan(200);
  });
});
