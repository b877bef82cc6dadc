/** One packet as a reader hands it on. The reader uses one such object for all: what is to last must be copied. */
export interface Packet {
  /** Of the interface it came by. */
  interfaceName: string;
  /** Kind of the link layer, a number of tcpdump.org (LINKTYPE_…). */
  linkType: number;
  /** Milliseconds since 1970, with fractions. */
  time: number;
  bytes: Buffer;
  /** Where it begins and ends in `bytes`. */
  start: number;
  end: number;
  /** How many bytes it had on the wire. */
  wireLength: number;
}

export interface PacketSink {
  packet(packet: Packet): void;
  /** Packets that were dropped before they got here, since the last such call; of one interface. */
  drops(interfaceName: string, packets: number, by: Dropper): void;
  /** Secrets of TLS sessions that came with the packets, in lines of a key log. */
  secrets(lines: string): void;
}

/** Who had no room for a packet: the kernel, or the interface (its card or driver), which the kernel asks. */
export type Dropper = 'kernel' | 'interface';

/** Reads one format: takes bytes as they come and hands on packets. */
export interface FormatReader {
  /**
   * Reads what stands whole behind `at`, and gives how far it came. Less than 0: it cannot be read on, which `problem` explains;
   * -1 - where that is.
   */
  read(bytes: Buffer, at: number): number;
  readonly problem: string | undefined;
}

/** Longer packets are in no file that is whole: tcpdump's own bound. */
export const longestPacket = 262_144;

export const newPacket = (interfaceName: string): Packet => ({
  interfaceName,
  linkType: -1,
  time: 0,
  bytes: Buffer.alloc(0),
  start: 0,
  end: 0,
  wireLength: 0,
});
