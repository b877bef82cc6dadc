/*
 * The format of Wireshark (draft-ietf-opsawg-pcapng): blocks, each with its type, its length before and behind, and what is
 * in it. Sections may follow each other, each in its own order of bytes and with interfaces of its own.
 */
import {
  type Dropper,
  type FormatReader,
  longestPacket,
  newPacket,
  type PacketSink,
} from './packet.ts';

const block = {
  section: 0x0a0d0d0a,
  interface: 1,
  oldPacket: 2,
  simplePacket: 3,
  statistics: 5,
  packet: 6,
  secrets: 10,
};
/** The kind of secrets that is a key log of TLS (TLSK). */
const tlsKeyLog = 0x544c534b;
/** A packet with all that can be said of it. */
const longestBlock = 16 * 1024 * 1024;
/** Sections of a merged file have tens. */
const mostInterfaces = 10_000;

interface Interface {
  readonly name: string;
  readonly linkType: number;
  readonly snapLength: number;
  /** Units of time in a millisecond. */
  readonly perMilli: number;
  /** Milliseconds to be added. */
  readonly offset: number;
  /** Drops that were said so far; they are sums. */
  readonly drops: Record<Dropper, number>;
}

/** By the options of statistics (isb_ifdrop, isb_osdrop). */
const droppers: Readonly<Record<number, Dropper>> = { 5: 'interface', 7: 'kernel' };

export const isPcapng = (bytes: Buffer): boolean => bytes.readUInt32BE(0) === block.section;

/** `name`: of interfaces that have none, with their number where there are several. */
export function pcapngReader(name: string, sink: PacketSink): FormatReader {
  const packet = newPacket(name);
  const interfaces: Interface[] = [];
  let isLittle = true;
  let problem: string | undefined;
  const u32 = (bytes: Buffer, at: number): number =>
    isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  const u16 = (bytes: Buffer, at: number): number =>
    isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);

  function fail(words: string, at: number): number {
    problem = words;
    return -1 - at;
  }

  /** The options in bytes[at … end), by their numbers. */
  function* optionsIn(bytes: Buffer, from: number, end: number): Generator<[number, Buffer]> {
    for (let at = from; at + 4 <= end; ) {
      const [code, length] = [u16(bytes, at), u16(bytes, at + 2)];
      if (code === 0 || at + 4 + length > end) return;
      yield [code, bytes.subarray(at + 4, at + 4 + length)];
      at += 4 + length + (-length & 3);
    }
  }

  function addInterface(bytes: Buffer, at: number, end: number): void {
    let own = interfaces.length === 0 ? name : `${name}#${interfaces.length}`;
    let [perMilli, offset] = [1e3, 0];
    for (const [code, value] of optionsIn(bytes, at + 8, end)) {
      if (code === 2 && value.length > 0) own = value.toString('utf8').slice(0, 64);
      if (code === 9 && value.length === 1) perMilli = unitsPerMilli(value[0] as number);
      if (code === 14 && value.length === 8)
        offset =
          1000 *
          (isLittle ? signed(u32(value, 4), u32(value, 0)) : signed(u32(value, 0), u32(value, 4)));
    }
    const [linkType, snapLength] = [u16(bytes, at), u32(bytes, at + 4)];
    interfaces.push({
      ...{ name: own, linkType, snapLength, perMilli, offset },
      drops: { kernel: 0, interface: 0 },
    });
  }

  /** Hands on a packet whose captured bytes stand at `start`. False: it is longer than its block. */
  function emit(
    of: Interface,
    bytes: Buffer,
    start: number,
    end: number,
    lengths: readonly [number, number],
  ): boolean {
    const [captured, wire] = lengths;
    if (captured > longestPacket || start + captured > end) return false;
    packet.interfaceName = of.name;
    packet.linkType = of.linkType;
    packet.bytes = bytes;
    packet.start = start;
    packet.end = start + captured;
    packet.wireLength = Math.max(wire, captured);
    sink.packet(packet);
    return true;
  }

  const timeOf = (of: Interface, high: number, low: number): number =>
    (high * 2 ** 32) / of.perMilli + low / of.perMilli + of.offset;

  function statistics(bytes: Buffer, at: number, end: number): void {
    const of = interfaces[u32(bytes, at)];
    if (of === undefined) return;
    for (const [code, value] of optionsIn(bytes, at + 12, end)) {
      const by = droppers[code];
      if (by === undefined || value.length !== 8) continue;
      const sum = isLittle ? u32(value, 0) : u32(value, 4);
      const more = sum - of.drops[by];
      if (more <= 0) continue;
      of.drops[by] = sum;
      sink.drops(of.name, more, by);
    }
  }

  /** One block whose content is bytes[at … end). False: what it says of itself cannot be. */
  function content(type: number, bytes: Buffer, at: number, end: number): boolean {
    const length = end - at;
    switch (type) {
      case block.interface:
        if (length < 8 || interfaces.length >= mostInterfaces) return false;
        addInterface(bytes, at, end);
        return true;
      case block.packet:
      case block.oldPacket: {
        if (length < 20) return false;
        const of = interfaces[type === block.packet ? u32(bytes, at) : u16(bytes, at)];
        if (of === undefined) return false;
        packet.time = timeOf(of, u32(bytes, at + 4), u32(bytes, at + 8));
        return emit(of, bytes, at + 20, end, [u32(bytes, at + 12), u32(bytes, at + 16)]);
      }
      case block.simplePacket: {
        const [of] = interfaces;
        if (of === undefined || length < 4) return false;
        const wire = u32(bytes, at);
        const most = of.snapLength === 0 ? wire : Math.min(wire, of.snapLength);
        packet.time = 0;
        return emit(of, bytes, at + 4, end, [Math.min(most, length - 4), wire]);
      }
      case block.secrets:
        if (length < 8 || at + 8 + u32(bytes, at + 4) > end) return false;
        if (u32(bytes, at) === tlsKeyLog)
          sink.secrets(bytes.toString('latin1', at + 8, at + 8 + u32(bytes, at + 4)));
        return true;
      case block.statistics:
        if (length >= 12) statistics(bytes, at, end);
        return true;
      default:
        return true;
    }
  }

  return {
    get problem() {
      return problem;
    },
    read(bytes, from) {
      let at = from;
      while (at + 12 <= bytes.length) {
        if (bytes.readUInt32BE(at) === block.section) {
          const order = bytes.readUInt32LE(at + 8);
          if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a)
            return fail('a section has no order of bytes', at);
          isLittle = order === 0x1a2b3c4d;
        }
        const [type, length] = [u32(bytes, at), u32(bytes, at + 4)];
        if (length < 12 || length % 4 !== 0 || length > longestBlock)
          return fail(`a block says that it has ${length} bytes`, at);
        if (at + length > bytes.length) break;
        if (type === block.section) interfaces.length = 0;
        else if (!content(type, bytes, at + 8, at + length - 4))
          return fail(`a block of type ${type} contradicts itself`, at);
        at += length;
      }
      return at;
    },
  };
}

/** if_tsresol: a power of ten, or, with the upper bit, of two. */
function unitsPerMilli(resolution: number): number {
  const exponent = resolution & 0x7f;
  return ((resolution & 0x80) === 0 ? 10 : 2) ** exponent / 1000;
}

const signed = (high: number, low: number): number => (high | 0) * 2 ** 32 + low;
