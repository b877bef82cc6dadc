/** What a datagram carries past every network without being cut. */
export const packetBytes = 1440;

/** Lines that wait to be sent, as packets of at most `packetBytes`. A longer line is dropped. */
export class Packets {
  #open: string[] = [];
  #bytes = 0;
  readonly #send: (packet: Buffer) => void;

  constructor(send: (packet: Buffer) => void) {
    this.#send = send;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** A line is without its line feed. A packet that has no room for it is sent first. */
  add(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (bytes > packetBytes) return;
    if (this.#bytes + bytes > packetBytes) this.flush();
    this.#open.push(line, '\n');
    this.#bytes += bytes;
  }

  flush(): void {
    if (this.isEmpty) return;
    const packet = Buffer.from(this.#open.join(''));
    this.#open = [];
    this.#bytes = 0;
    this.#send(packet);
  }
}
