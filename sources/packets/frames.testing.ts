/** Writes packets as networks carry them: what the tests read is made here, byte by byte, without the code under test. */

export interface Frame {
  readonly bytes: Buffer;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Left out: all of it was captured. */
  readonly wireLength?: number;
}

export interface Peer {
  readonly address: string;
  readonly port: number;
}

export const flags = { fin: 1, syn: 2, reset: 4, push: 8, ack: 16 };

interface TcpFields {
  readonly from: Peer;
  readonly to: Peer;
  readonly sequence: number;
  readonly acknowledged?: number;
  readonly flags: number;
  readonly payload?: Buffer;
}

export function tcpSegment({
  from,
  to,
  sequence,
  acknowledged = 0,
  flags: bits,
  payload = nothing,
}: TcpFields): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header.writeUInt32BE(acknowledged >>> 0, 8);
  // Eight words: twelve bytes of options, as Linux sends them (time stamps).
  header[12] = 0x80;
  header[13] = bits;
  header.writeUInt16BE(65_535, 14);
  header.set([1, 1, 8, 10], 20);
  return Buffer.concat([header, payload]);
}

const nothing = Buffer.alloc(0);

interface Ip4Fields {
  readonly from: string;
  readonly to: string;
  readonly payload: Buffer;
  readonly protocol?: number;
  readonly id?: number;
  /** In bytes. */
  readonly offset?: number;
  readonly hasMore?: boolean;
}

export function ip4({
  from,
  to,
  payload,
  protocol = 6,
  id = 1,
  offset = 0,
  hasMore = false,
}: Ip4Fields): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE((hasMore ? 0x2000 : 0) | (offset / 8), 6);
  header[8] = 64;
  header[9] = protocol;
  header.set(from.split('.').map(Number), 12);
  header.set(to.split('.').map(Number), 16);
  return Buffer.concat([header, payload]);
}

/** `headers`: extension headers that stand before the payload, whole; the first one's number is `next`. */
export function ip6(
  from: string,
  to: string,
  payload: Buffer,
  next = 6,
  headers = nothing,
): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(headers.length + payload.length, 4);
  header[6] = next;
  header[7] = 64;
  header.set(address6(from), 8);
  header.set(address6(to), 24);
  return Buffer.concat([header, headers, payload]);
}

function address6(text: string): Buffer {
  const [head = '', tail = ''] = text.split('::');
  const [before, behind] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const groups = [
    ...(before ?? []),
    ...Array.from({ length: 8 - (before?.length ?? 0) - (behind?.length ?? 0) }, () => '0'),
    ...(behind ?? []),
  ];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

export const ethernet = (ip: Buffer, tags: readonly number[] = []): Buffer => {
  const type = (ip[0] as number) >> 4 === 6 ? [0x86, 0xdd] : [0x08, 0x00];
  const vlans = tags.flatMap((tag, index) => [
    ...(index === 0 && tags.length > 1 ? [0x88, 0xa8] : [0x81, 0x00]),
    ...[tag >> 8, tag & 0xff],
  ]);
  return Buffer.concat([Buffer.alloc(12, 2), Buffer.from([...vlans, ...type]), ip]);
};

export interface PcapForm {
  readonly isLittle?: boolean;
  readonly isNano?: boolean;
  readonly linkType?: number;
}

export function pcap(
  frames: readonly Frame[],
  { isLittle = true, isNano = false, linkType = 1 }: PcapForm = {},
): Buffer {
  const write = writer(isLittle);
  const parts = [
    write(isNano ? 0xa1b23c4d : 0xa1b2c3d4),
    ...[isLittle ? Buffer.from([2, 0, 4, 0]) : Buffer.from([0, 2, 0, 4])],
    ...[write(0), write(0), write(262_144), write(linkType)],
  ];
  for (const { bytes, time, wireLength = bytes.length } of frames) {
    const whole = Math.floor(time / 1000);
    const rest = Math.round((time - whole * 1000) * (isNano ? 1e6 : 1e3));
    parts.push(write(whole), write(rest), write(bytes.length), write(wireLength), bytes);
  }
  return Buffer.concat(parts);
}

const writer =
  (isLittle: boolean) =>
  (value: number): Buffer => {
    const four = Buffer.alloc(4);
    if (isLittle) four.writeUInt32LE(value >>> 0);
    else four.writeUInt32BE(value >>> 0);
    return four;
  };

export interface PcapngFrame extends Frame {
  readonly interface: number;
}

export interface PcapngInterface {
  readonly name?: string;
  readonly linkType?: number;
  /** if_tsresol: 6 is microseconds. */
  readonly resolution?: number;
  readonly drops?: number;
  /** Those of the interface itself. */
  readonly ownDrops?: number;
}

export function pcapng(
  interfaces: readonly PcapngInterface[],
  frames: readonly PcapngFrame[],
  form: boolean | { readonly isLittle?: boolean; readonly secrets?: string } = {},
): Buffer {
  const { isLittle = true, secrets = '' } = typeof form === 'boolean' ? { isLittle: form } : form;
  const u32 = writer(isLittle);
  const u16 = (value: number): Buffer => u32(isLittle ? value : value << 16).subarray(0, 2);
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const block = (type: number, ...content: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(content);
    const length = u32(12 + body.length);
    return Buffer.concat([u32(type), length, body, length]);
  };
  const option = (code: number, value: Buffer): Buffer =>
    Buffer.concat([u16(code), u16(value.length), padded(value)]);
  const u64 = (value: bigint): readonly [Buffer, Buffer] => [
    u32(Number(value >> 32n)),
    u32(Number(value & 0xffffffffn)),
  ];
  const all = [
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)),
  ];
  for (const { name, linkType = 1, resolution } of interfaces) {
    const said = [
      ...(name === undefined ? [] : [option(2, Buffer.from(name))]),
      ...(resolution === undefined ? [] : [option(9, Buffer.from([resolution]))]),
    ];
    all.push(
      block(1, u16(linkType), u16(0), u32(0), ...said, ...(said.length > 0 ? [u32(0)] : [])),
    );
  }
  if (secrets !== '')
    all.push(block(10, u32(0x544c534b), u32(secrets.length), padded(Buffer.from(secrets))));
  for (const { bytes, time, interface: index } of frames) {
    const units = 10 ** (interfaces[index]?.resolution ?? 6) / 1000;
    const stamp = (BigInt(Math.round(time * 1000)) * BigInt(Math.round(units))) / 1000n;
    all.push(
      block(6, u32(index), ...u64(stamp), u32(bytes.length), u32(bytes.length), padded(bytes)),
    );
  }
  const sumOf = (drops: number): Buffer => {
    const [high, low] = u64(BigInt(drops));
    return Buffer.concat(isLittle ? [low, high] : [high, low]);
  };
  for (const [index, { drops, ownDrops = 0 }] of interfaces.entries())
    if (drops !== undefined)
      all.push(
        block(
          ...([5, u32(index), u32(0), u32(0)] as const),
          ...[option(5, sumOf(ownDrops)), option(7, sumOf(drops)), u32(0)],
        ),
      );
  return Buffer.concat(all);
}
