import { type Literal, literalOf, literalOverhang } from '../../../lib/literal.ts';

/** Place and size of three texts, whether there is an index, and the room it all takes. */
const headSize = 32;
/** Of all three; what is longer is written one by one. */
const mostBytes = 1_024;
/** An index has ten digits at most. */
const indexRoom = 10;
const nothing = literalOf('');

/** The frame as stretch.as.ts reads it, in its memory. */
export class StretchFrame {
  static readonly size = headSize + mostBytes + 64;
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly place: number;
  #head = nothing;
  #tail: Literal | undefined;
  #end = nothing;

  constructor(memory: ArrayBuffer, at: number) {
    this.#view = new DataView(memory);
    this.#bytes = Buffer.from(memory);
    this.place = at;
  }

  /** Puts it in; false: it is too long. */
  lay(head: Literal, tail: Literal | undefined, end: Literal): boolean {
    if (head === this.#head && tail === this.#tail && end === this.#end) return true;
    const room = head.size + (tail?.size ?? 0) + end.size;
    if (room > mostBytes) return false;
    let at = this.place + headSize;
    [head, tail ?? nothing, end].forEach(({ words, size }, index) => {
      this.#view.setInt32(this.place + 8 * index, at, true);
      this.#view.setInt32(this.place + 8 * index + 4, size, true);
      const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
      this.#bytes.set(bytes.subarray(0, size), at);
      at += size;
    });
    this.#view.setInt32(this.place + 24, tail === undefined ? 0 : 1, true);
    this.#view.setInt32(this.place + 28, room + indexRoom + literalOverhang, true);
    this.#head = head;
    this.#tail = tail;
    this.#end = end;
    return true;
  }
}
