import type { FormatReader, PacketSink } from './packet.ts';
import { pcapFileHeader, pcapFlavour, pcapReader } from './pcap.ts';
import { isPcapng, pcapngReader } from './pcapng.ts';

/**
 * Reads what tcpdump and its kind write, from chunks of any size: pcap and pcapng. Packets are handed on while their bytes
 * arrive. The bytes come from anybody: whatever they are, nothing is thrown, and no more is kept than one packet's.
 */
export class CaptureReader {
  readonly #name: string;
  readonly #sink: PacketSink;
  #format: FormatReader | undefined;
  #work: Buffer = Buffer.alloc(0);
  /** How many bytes of it are still to be read. */
  #rest = 0;
  #problem: string | undefined;
  #read = 0;

  /** `name`: of the interface, where the file has none. */
  constructor(name: string, sink: PacketSink) {
    this.#name = name;
    this.#sink = sink;
  }

  /** Why it cannot be read on, with the place. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** False: it cannot be read on, which `problem` explains. */
  push(chunk: Buffer): boolean {
    if (this.#problem !== undefined) return false;
    const bytes = this.#join(chunk);
    const start = this.#format === undefined ? this.#open(bytes) : 0;
    if (start === undefined) {
      this.#rest = bytes.length;
      return true;
    }
    const format = this.#format;
    if (format === undefined) return false;
    const at = format.read(bytes, start);
    this.#read += at < 0 ? -1 - at : at;
    if (at < 0) return this.#fail(format.problem ?? 'it contradicts itself');
    this.#rest = bytes.length - at;
    this.#work.copyWithin(0, at, bytes.length);
    return true;
  }

  /** Behind what is left of the last one, always in the same place: a buffer for each chunk would be garbage by the megabyte. */
  #join(chunk: Buffer): Buffer {
    const length = this.#rest + chunk.length;
    if (length > this.#work.length) {
      const grown = Buffer.allocUnsafeSlow(2 * length);
      this.#work.copy(grown, 0, 0, this.#rest);
      this.#work = grown;
    }
    chunk.copy(this.#work, this.#rest);
    return this.#work.subarray(0, length);
  }

  /** There is no more. Gives what is missing; undefined: it is whole. */
  end(): string | undefined {
    if (this.#problem !== undefined) return this.#problem;
    if (this.#format === undefined)
      return this.#rest === 0 ? 'it is empty' : 'it is neither pcap nor pcapng';
    return this.#rest === 0
      ? undefined
      : `it ends in the middle of a packet, ${this.#rest} bytes behind byte ${this.#read}`;
  }

  /** Chooses the format. Gives where packets begin; undefined: there are too few bytes, or it is none. */
  #open(bytes: Buffer): number | undefined {
    if (bytes.length < pcapFileHeader) return undefined;
    if (isPcapng(bytes)) {
      this.#format = pcapngReader(this.#name, this.#sink);
      return 0;
    }
    const flavour = pcapFlavour(bytes);
    if (flavour === undefined) {
      this.#fail('it is neither pcap nor pcapng');
      return 0;
    }
    this.#format = pcapReader(bytes, flavour, this.#name, this.#sink);
    return pcapFileHeader;
  }

  #fail(words: string): false {
    this.#problem = this.#read === 0 ? words : `${words}, behind byte ${this.#read}`;
    return false;
  }
}
