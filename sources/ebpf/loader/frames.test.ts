import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameError, FrameReader, keptPiece, type Piece, type Said } from './frames.ts';

interface Given {
  readonly kind?: number;
  readonly direction?: number;
  readonly time?: bigint;
  readonly offset?: bigint;
  readonly ssl?: bigint;
  readonly generation?: bigint;
  readonly pid?: number;
  readonly family?: number;
  readonly ports?: readonly [number, number];
  readonly local?: readonly number[];
  readonly remote?: readonly number[];
  readonly bytes?: Buffer;
  readonly says?: number;
}

/** As native/frame.h lays it out, written by other means than it is read. */
function frame(given: Given): Buffer {
  const { bytes = Buffer.alloc(0) } = given;
  const head = new DataView(new ArrayBuffer(100));
  const fields: [number, number | bigint, 2 | 4 | 8][] = [
    [0, 96 + bytes.length, 4],
    [4, given.kind ?? 1, 4],
    [8, given.direction ?? 0, 4],
    [12, given.time ?? 0n, 8],
    [20, given.offset ?? 0n, 8],
    [28, given.says ?? bytes.length, 4],
    [32, 7, 4],
    [36, given.ssl ?? 1n, 8],
    [44, given.generation ?? 1n, 8],
    [52, given.pid ?? 1, 4],
    [56, given.family ?? 0, 2],
    [58, given.ports?.[0] ?? 0, 2],
    [60, given.ports?.[1] ?? 0, 2],
  ];
  for (const [at, value, size] of fields) {
    if (size === 8) head.setBigUint64(at, BigInt(value), true);
    else if (size === 4) head.setUint32(at, Number(value), true);
    else head.setUint16(at, Number(value), true);
  }
  for (const [index, byte] of (given.local ?? []).entries()) head.setUint8(68 + index, byte);
  for (const [index, byte] of (given.remote ?? []).entries()) head.setUint8(84 + index, byte);
  return Buffer.concat([Buffer.from(head.buffer), bytes]);
}

function line(words: string): Buffer {
  const body = Buffer.from(words, 'latin1');
  const head = Buffer.alloc(12);
  head.writeUInt32LE(8 + body.length, 0);
  head.writeUInt32LE(10, 4);
  return Buffer.concat([head, body]);
}

function read(...chunks: readonly Buffer[]): { pieces: Piece[]; lines: Said[] } {
  const pieces: Piece[] = [];
  const lines: Said[] = [];
  const reader = new FrameReader({
    piece: (piece) => pieces.push(keptPiece(piece)),
    said: (said) => lines.push(said),
  });
  for (const chunk of chunks) reader.take(chunk);
  return { pieces, lines };
}

describe('frames of the loader', () => {
  it('reads a piece with its addresses', () => {
    const [piece] = read(
      frame({
        direction: 1,
        time: 5_000_001_000_000n,
        offset: 0x1_0000_0002n,
        pid: 4242,
        family: 2,
        ports: [443, 51_000],
        local: [10, 0, 0, 1],
        remote: [192, 168, 1, 2],
        bytes: Buffer.from('GET / HTTP/1.1\r\n'),
      }),
    ).pieces;
    expect(piece).toMatchObject({
      kind: 'data',
      direction: 'write',
      time: 5_000_001,
      offset: 4_294_967_298,
      pid: 4242,
      local: { address: '10.0.0.1', port: 443 },
      remote: { address: '192.168.1.2', port: 51_000 },
    });
    expect(piece?.bytes.toString()).toBe('GET / HTTP/1.1\r\n');
  });

  it.each([
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1], '127.0.0.1'],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '::1'],
  ])('shows an address of IPv6 as others do: %j', (local, shown) => {
    const [piece] = read(frame({ family: 10, local, ports: [1, 2] })).pieces;
    expect(piece?.local?.address).toBe(shown);
  });

  it('knows no address where the loader knows none', () => {
    const [piece] = read(frame({ ports: [1, 2], local: [1, 2, 3, 4] })).pieces;
    expect([piece?.local, piece?.remote]).toEqual([undefined, undefined]);
  });

  it('tells connections apart that had the same place in memory, or are of two processes', () => {
    const { pieces } = read(
      frame({ ssl: 9n, generation: 1n, pid: 5 }),
      frame({ ssl: 9n, generation: 2n, pid: 5 }),
      frame({ ssl: 9n, generation: 1n, pid: 6 }),
      frame({ ssl: 9n, generation: 1n, pid: 5, kind: 2 }),
    );
    const [first, second, third, last] = pieces.map(({ connection }) => connection);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(last).toBe(first);
  });

  it('reads the same whatever the output is cut into', () => {
    const data = fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => frame({ bytes: Buffer.from(bytes) }));
    const words = fc.string().map((said) => line(JSON.stringify({ said })));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(data, words), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1 }),
        (frames, sizes) => {
          const whole = Buffer.concat(frames);
          const chunks: Buffer[] = [];
          for (let at = 0, turn = 0; at < whole.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(whole.subarray(at, at + size));
            at += size;
          }
          expect(read(...chunks)).toEqual(read(whole));
        },
      ),
    );
  });

  it.each([
    ['a length that none has', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a length without a kind', Buffer.from([1, 0, 0, 0, 1])],
    ['a kind that there is not', frame({ kind: 77 })],
    ['fewer bytes than it says', frame({ says: 5, bytes: Buffer.from('abc') })],
    ['bytes where there are none', frame({ kind: 2, bytes: Buffer.from('abc') })],
    ['a line that is no JSON', line('{"ready":')],
    ['a line that is no object', line('7')],
  ])('refuses %s', (_what, bytes) => {
    expect(() => read(bytes)).toThrow(FrameError);
  });

  it('reads or refuses any bytes, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          read(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });
});
