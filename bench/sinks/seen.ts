import { mark, markDigits } from '../records/record.ts';

const markBytes = Buffer.from(mark);
const length = markBytes.length + markDigits;

/** Which of the records `0 … expected − 1` have been seen, by the tag that each of them carries. */
export class Seen {
  readonly #times: Uint8Array;
  #distinct = 0;
  #invented = 0;

  constructor(expected: number) {
    this.#times = new Uint8Array(expected);
  }

  get distinct(): number {
    return this.#distinct;
  }

  /** Copies beyond the first one, and records that nobody pushed. */
  get invented(): number {
    return this.#invented;
  }

  get lost(): number {
    return this.#times.length - this.#distinct;
  }

  /** True the first time. */
  add(index: number): boolean {
    if (this.#times[index] !== 0) {
      this.#invented++;
      return false;
    }
    this.#times[index] = 1;
    this.#distinct++;
    return true;
  }

  has(index: number): boolean {
    return this.#times[index] === 1;
  }

  /** Adds every tag in the bytes; returns how many bytes are done with. The rest may hold the start of a tag. */
  addAll(bytes: Buffer): number {
    let at = 0;
    for (;;) {
      const found = bytes.indexOf(markBytes, at);
      if (found < 0) return Math.max(at, bytes.length - markBytes.length + 1);
      if (found + length > bytes.length) return found;
      this.add(indexAt(bytes, found));
      at = found + length;
    }
  }
}

/** The number of the record whose tag lies between the two places; −1 where there is none. */
export function indexWithin(bytes: Buffer, from: number, end: number): number {
  const found = bytes.subarray(from, end).indexOf(markBytes);
  return found < 0 || from + found + length > end ? -1 : indexAt(bytes, from + found);
}

function indexAt(bytes: Buffer, found: number): number {
  let index = 0;
  for (let at = found + markBytes.length; at < found + length; at++)
    index = index * 10 + (bytes[at] ?? 0) - 0x30;
  return index;
}
