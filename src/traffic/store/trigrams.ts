/**
 * Where a text may be, without an index of every word: of each block of 32 rows, which trigrams (three bytes, A to Z small) its messages
 * have. What it says is never missing and sometimes too much: whoever asks looks at the rows that are left.
 *
 * A **group** is 32 blocks. For each of 131,072 hashes it has a word with a bit for each block, in pages of 1,024 words, so that a question
 * reads a few words of a group whatever its size. Measured (docs/traffic.md): FTS5 with trigrams costs several
 * times as much as all the rest of keeping a record, this about as much as half of it.
 */
const rowsPerBlock = 32;
export const rowsPerGroup = 32 * rowsPerBlock;
const wordsPerPage = 1024;
export const pagesPerGroup = 128;

const hashBits = 17;
const small = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** One group while it fills. */
export class TrigramGroup {
  readonly #words = new Uint32Array(1 << hashBits);

  /** `row` is the row’s place in its group. */
  add(row: number, message: Uint8Array): void {
    if (message.length < 3) return;
    const words = this.#words;
    const bit = 1 << Math.floor(row / rowsPerBlock);
    let a = small[message[0] as number] as number;
    let b = small[message[1] as number] as number;
    for (let at = 2; at < message.length; at++) {
      const c = small[message[at] as number] as number;
      const hash = Math.imul((a << 16) | (b << 8) | c, 0x9e37_79b1) >>> (32 - hashBits);
      words[hash] = (words[hash] as number) | bit;
      a = b;
      b = c;
    }
  }

  /** As it is stored, page by page. */
  pages(): readonly Buffer[] {
    const { buffer } = this.#words;
    const size = 4 * wordsPerPage;
    return Array.from({ length: pagesPerGroup }, (_, page) =>
      Buffer.from(buffer, page * size, size),
    );
  }

  clear(): void {
    this.#words.fill(0);
  }
}

const hashOf = (a: number, b: number, c: number): number =>
  Math.imul((a << 16) | (b << 8) | c, 0x9e37_79b1) >>> (32 - hashBits);

/** More say little. */
const mostLooks = 8;

/** Where the bits of a needle are: all of them are set where it may be. Empty: it is too short to tell. */
export function looksFor(
  needle: Uint8Array,
): readonly { readonly page: number; readonly word: number }[] {
  const hashes = new Set<number>();
  for (let at = 0; at + 2 < needle.length; at++) {
    const [a = 0, b = 0, c = 0] = needle.subarray(at, at + 3).map((byte) => small[byte] as number);
    hashes.add(hashOf(a, b, c));
  }
  const all = [...hashes];
  const step = Math.max(1, all.length / mostLooks);
  return Array.from({ length: Math.min(all.length, mostLooks) }, (_, at) => {
    const hash = all[Math.floor(at * step)] as number;
    return { page: Math.floor(hash / wordsPerPage), word: hash % wordsPerPage };
  });
}
