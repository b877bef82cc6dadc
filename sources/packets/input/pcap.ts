import { type FormatReader, longestPacket, newPacket, type PacketSink } from './packet.ts';

const headerLength = 16;
export const pcapFileHeader = 24;

/** How the four first bytes of a file of this format say how the rest is to be read; undefined: it is none. */
export function pcapFlavour(bytes: Buffer): PcapFlavour | undefined {
  const magic = bytes.readUInt32BE(0);
  if (magic === 0xa1b2c3d4) return { isLittle: false, perMilli: 1e3 };
  if (magic === 0xd4c3b2a1) return { isLittle: true, perMilli: 1e3 };
  if (magic === 0xa1b23c4d) return { isLittle: false, perMilli: 1e6 };
  if (magic === 0x4d3cb2a1) return { isLittle: true, perMilli: 1e6 };
  return undefined;
}

export interface PcapFlavour {
  readonly isLittle: boolean;
  /** Units of the fraction in a millisecond. */
  readonly perMilli: number;
}

/** The classic format of libpcap: one interface, in either order of bytes, micro- or nanoseconds. `read` begins behind the file's header. */
export function pcapReader(
  header: Buffer,
  { isLittle, perMilli }: PcapFlavour,
  interfaceName: string,
  sink: PacketSink,
): FormatReader {
  const packet = newPacket(interfaceName);
  const u32 = (bytes: Buffer, at: number): number =>
    isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  // The upper bits say how long the check sum of a frame is.
  packet.linkType = u32(header, 20) & 0x0fffffff;
  const reader = {
    problem: undefined as string | undefined,
    read(bytes: Buffer, from: number): number {
      let at = from;
      packet.bytes = bytes;
      while (at + headerLength <= bytes.length) {
        const length = u32(bytes, at + 8);
        if (length > longestPacket) {
          reader.problem = `a packet says that it has ${length} bytes`;
          return -1 - at;
        }
        const start = at + headerLength;
        if (start + length > bytes.length) break;
        packet.time = u32(bytes, at) * 1000 + u32(bytes, at + 4) / perMilli;
        packet.start = start;
        packet.end = start + length;
        packet.wireLength = Math.max(length, u32(bytes, at + 12));
        sink.packet(packet);
        at = packet.end;
      }
      return at;
    },
  };
  return reader;
}
