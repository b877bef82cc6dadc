/**
 * Text known beforehand, copied eight bytes at a time. Bytes of valid UTF-8 are never a NaN as little-endian floats
 * (that would take 0xff, or 0x7f behind the first byte of a sequence), so they survive as such.
 */
export interface Literal {
  readonly words: Float64Array;
  readonly size: number;
}

/** Room that the last word takes beyond the literal. */
export const literalOverhang = 7;

export function literalOf(text: string): Literal {
  const bytes = Buffer.from(text);
  return { words: Float64Array.from(wordsOf(bytes)), size: bytes.length };
}

/** The words of a literal of these bytes. */
export function wordsOf(bytes: Buffer): readonly number[] {
  const padded = Buffer.concat([bytes, Buffer.alloc(literalOverhang)]);
  return Array.from({ length: Math.ceil(bytes.length / 8) }, (_, index) =>
    padded.readDoubleLE(8 * index),
  );
}

/** Gives the offset after it. The room must be there, that of the overhang too. */
export const putLiteral = ({ words, size }: Literal, data: DataView, to: number): number =>
  putWords(words, 0, size, data, to);

/** The same for a literal of `size` bytes, whose words begin at `from`. */
export function putWords(
  words: Float64Array,
  from: number,
  size: number,
  data: DataView,
  to: number,
): number {
  for (let word = from, at = to; at < to + size; word++, at += 8) {
    data.setFloat64(at, words[word] as number, true);
  }
  return to + size;
}
