/** Frames of one side of an HTTP/2 connection (RFC 9113, 4.1), out of bytes that come in any portions. */
import type { Tally } from '../conversation.ts';

export const frame = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  continuation: 9,
};

export interface FrameEvents {
  /** A frame other than DATA, whole. False: it makes no sense. */
  frame(type: number, flags: number, stream: number, payload: Buffer, time: number): boolean;
  /** Bytes of a stream's body. */
  data(stream: number, bytes: Buffer, start: number, end: number): void;
  /** Bytes of it that were not seen. */
  hole(stream: number, length: number): void;
  /** A DATA frame was the last one of its side of the stream. */
  end(stream: number, time: number): void;
}

const headLength = 9;
/** Of frames that are put together; their like is of a few KiB. */
const longestFrame = 256 * 1024;
const nothing = Buffer.alloc(0);

export class FrameReader {
  readonly #events: FrameEvents;
  readonly #tally: Tally;
  /** Bytes to be left out first: the client's preface. */
  #skipped: number;
  /** Of the head, or of a frame that is put together. */
  #parts = nothing;
  #held = 0;
  /** Of a DATA frame: what is left of its body and its padding; less than 0: there is none under way. */
  #left = -1;
  #padding = 0;
  #needsPadding = false;
  #stream = 0;
  #isLast = false;

  constructor(events: FrameEvents, tally: Tally, skipped: number) {
    this.#events = events;
    this.#tally = tally;
    this.#skipped = skipped;
  }

  close(): void {
    this.#tally.held -= this.#parts.length;
    this.#parts = nothing;
    this.#held = 0;
  }

  /** False: this is no HTTP/2. */
  read(bytes: Buffer, start: number, end: number, time: number): boolean {
    let at = start;
    while (at < end) {
      const next = this.#step(bytes, at, end, time);
      if (next < 0) return false;
      at = next;
    }
    return true;
  }

  /** So many bytes are missing. True: they were of a body, which goes on. */
  skip(length: number, time: number): boolean {
    if (this.#left < length || this.#needsPadding) return false;
    this.#left -= length;
    this.#events.hole(this.#stream, length);
    this.#endData(time);
    return true;
  }

  #step(bytes: Buffer, at: number, end: number, time: number): number {
    if (this.#skipped > 0) {
      const skipped = Math.min(this.#skipped, end - at);
      this.#skipped -= skipped;
      return at + skipped;
    }
    if (this.#left >= 0) return this.#readData(bytes, at, end, time);
    const taken = this.#collect(bytes, at, end, headLength);
    if (this.#held < headLength) return at + taken;
    const length = this.#parts.readUIntBE(0, 3);
    const [type, flags] = [this.#parts[3] as number, this.#parts[4] as number];
    const stream = this.#parts.readUInt32BE(5) & 0x7fffffff;
    if (type === frame.data) {
      this.#held = 0;
      if (stream === 0) return -1;
      this.#begin(length, flags, stream, time);
      return at + taken;
    }
    if (length > longestFrame) return -1;
    const more = this.#collect(bytes, at + taken, end, headLength + length);
    if (this.#held < headLength + length) return at + taken + more;
    this.#held = 0;
    const payload = this.#parts.subarray(headLength, headLength + length);
    return this.#events.frame(type, flags, stream, payload, time) ? at + taken + more : -1;
  }

  #begin(length: number, flags: number, stream: number, time: number): void {
    this.#stream = stream;
    this.#isLast = (flags & 1) !== 0;
    this.#needsPadding = (flags & 8) !== 0 && length > 0;
    this.#padding = 0;
    this.#left = length;
    this.#endData(time);
  }

  #readData(bytes: Buffer, from: number, end: number, time: number): number {
    let at = from;
    if (this.#needsPadding) {
      this.#padding = bytes[at++] as number;
      this.#needsPadding = false;
      this.#left--;
      if (this.#padding > this.#left) return -1;
    } else if (this.#left > this.#padding) {
      const until = Math.min(end, at + this.#left - this.#padding);
      this.#events.data(this.#stream, bytes, at, until);
      this.#left -= until - at;
      at = until;
    } else {
      const skipped = Math.min(end - at, this.#left);
      this.#left -= skipped;
      at += skipped;
    }
    this.#endData(time);
    return at;
  }

  #endData(time: number): void {
    if (this.#left > 0) return;
    this.#left = -1;
    if (this.#isLast) this.#events.end(this.#stream, time);
  }

  /** Takes bytes until so many are held. Gives how many it took. */
  #collect(bytes: Buffer, at: number, end: number, wanted: number): number {
    const taken = Math.min(wanted - this.#held, end - at);
    if (taken <= 0) return 0;
    if (this.#held + taken > this.#parts.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * (this.#held + taken)));
      this.#parts.copy(grown, 0, 0, this.#held);
      this.#tally.held += grown.length - this.#parts.length;
      this.#parts = grown;
    }
    bytes.copy(this.#parts, this.#held, at, at + taken);
    this.#held += taken;
    return taken;
  }
}
