/**
 * Text known beforehand, copied eight bytes at a time. Bytes of valid UTF-8 are never a NaN as little-endian floats
 * (that would take 0xff, or 0x7f behind the first byte of a sequence), so they survive as such.
 */
export interface Literal {
  readonly words: Float64Array;
  readonly size: number;
}

/** What it is written into: a ByteWriter, which knows of literals itself. */
interface Room {
  readonly data: DataView;
}

/** Room that the last word takes beyond the literal. */
export const literalOverhang = 7;

export function literalOf(text: string): Literal {
  const bytes = Buffer.from(text);
  const padded = Buffer.concat([bytes, Buffer.alloc(literalOverhang)]);
  const words = Float64Array.from({ length: Math.ceil(bytes.length / 8) }, (_, index) =>
    padded.readDoubleLE(8 * index),
  );
  return { words, size: bytes.length };
}

/** Gives the offset after it. The room must be there, that of the overhang too. */
export function putLiteral({ words, size }: Literal, { data }: Room, to: number): number {
  for (let index = 0; index < words.length; index++) {
    data.setFloat64(to + 8 * index, words[index] as number, true);
  }
  return to + size;
}
