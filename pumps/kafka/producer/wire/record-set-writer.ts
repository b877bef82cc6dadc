import { ByteWriter, type Literal, literalOf } from '#pump';
import { batchFrame, idHeader } from './message.ts';
import { longestVarint, sizeOfVarint, writeVarint } from './varint.ts';

/**
 * Writes messages where they will be sent from: for each one `open`, then its value by whoever has it, then `close`. A length
 * stands before what it is the length of, so it gets as much room as the one before took, and what is behind it is moved
 * where that was wrong.
 */
export class RecordSetWriter {
  #out = new ByteWriter(0);
  /** Messages of the set so far. */
  #count = 0;
  /** Where the message begins, and its value. */
  #start = 0;
  #valueStart = 0;
  /** Bytes that these lengths took last. */
  #sizeWidth = 2;
  #valueWidth = 2;
  #id = idHeadOf('', 0);

  get count(): number {
    return this.#count;
  }

  /** A set begins, behind whatever `out` holds. */
  begin(out: ByteWriter): void {
    this.#out = out;
    this.#count = 0;
    out.ensure(batchFrame);
    out.advance(out.length + batchFrame);
  }

  /** A message begins; its value is to follow. */
  open(key: Uint8Array | null): void {
    const out = this.#out;
    const keySize = key === null ? 0 : key.length;
    out.ensure(keySize + headRoom);
    const { buffer } = out;
    this.#start = out.length;
    let at = this.#start + this.#sizeWidth;
    // No attributes; the time is that of the batch.
    buffer[at++] = 0;
    buffer[at++] = 0;
    at = writeVarint(buffer, at, this.#count);
    at = writeVarint(buffer, at, key === null ? -1 : keySize);
    if (key !== null) buffer.set(key, at);
    this.#valueStart = at + keySize + this.#valueWidth;
    out.advance(this.#valueStart);
  }

  /** Its value is there. Says which record it is. */
  close(segment: string, index: number): void {
    const valueAt = this.#valueStart - this.#valueWidth;
    this.#valueWidth = this.#putLength(valueAt, this.#valueWidth);
    this.#putId(segment, index);
    this.#sizeWidth = this.#putLength(this.#start, this.#sizeWidth);
    this.#count += 1;
  }

  /** Takes the last message back. */
  undo(): void {
    this.#out.truncate(this.#start);
    this.#count -= 1;
  }

  /** Writes at `at` how much there is behind the room for it. Gives the room that it takes. */
  #putLength(at: number, room: number): number {
    const out = this.#out;
    const length = out.length - at - room;
    const width = sizeOfVarint(length);
    if (width !== room) {
      out.ensure(longestVarint);
      out.buffer.copyWithin(at + width, at + room, out.length);
      out.advance(out.length + width - room);
    }
    writeVarint(out.buffer, at, length);
    return width;
  }

  #putId(segment: string, index: number): void {
    let id = this.#id;
    if (index < id.from || index >= id.end || id.segment !== segment) {
      id = idHeadOf(segment, index);
      this.#id = id;
    }
    const out = this.#out;
    out.literal(header);
    out.ensure(longestVarint);
    out.advance(writeVarint(out.buffer, out.length, id.size));
    out.literal(id.literal);
    out.integer(index);
  }
}

/** Beside its key, a message has this before its value at most. */
const headRoom = 4 * longestVarint + 2;

/** What an id begins with: the same for all of a segment whose indices have as many digits. */
interface IdHead {
  readonly segment: string;
  readonly from: number;
  readonly end: number;
  readonly literal: Literal;
  /** Of the whole id. */
  readonly size: number;
}

function idHeadOf(segment: string, index: number): IdHead {
  const digits = String(index).length;
  return {
    segment,
    from: digits === 1 ? 0 : 10 ** (digits - 1),
    end: 10 ** digits,
    literal: literalOf(`${segment}:`),
    size: segment.length + 1 + digits,
  };
}

/** A count of one, and a name. A short length is a byte of twice its value. */
const header = literalOf(`${String.fromCharCode(2, 2 * idHeader.length)}${idHeader}`);
