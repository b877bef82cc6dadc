/** The code of HPACK's strings (RFC 7541, appendix B). It is canonical: the lengths of its codes say everything. */

const endOfString = 256;
/** Of the 256 bytes, and of the end of a string. */
// biome-ignore format: sixteen in a row, as in the RFC's order.
const lengths = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];
const longest = 30;

/** Symbols in the order of their codes. */
const symbols = lengths
  .map((_length, symbol) => symbol)
  .sort((one, other) => (lengths[one] as number) - (lengths[other] as number) || one - other);
/** By length: the first code, how many there are, and where the first one's symbol stands. */
const firsts = new Int32Array(longest + 1);
const counts = new Int32Array(longest + 1);
const places = new Int32Array(longest + 1);

for (const length of lengths) counts[length] = (counts[length] as number) + 1;
for (let length = 1, code = 0, place = 0; length <= longest; length++) {
  code = (code + (counts[length - 1] as number)) << 1;
  firsts[length] = code;
  places[length] = place;
  place += counts[length] as number;
}

/** The text in bytes[start … end), byte for byte as characters. Undefined: it is none. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string | undefined {
  // No code is shorter than five bits.
  const out = Buffer.allocUnsafe(Math.floor(((end - start) * 8) / 5));
  let [code, length, written] = [0, 0, 0];
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1);
      length++;
      const index = code - (firsts[length] as number);
      if (index >= 0 && index < (counts[length] as number)) {
        const symbol = symbols[(places[length] as number) + index] as number;
        if (symbol === endOfString) return undefined;
        out[written++] = symbol;
        code = 0;
        length = 0;
      } else if (length === longest) return undefined;
    }
  }
  // The rest of the last byte is the beginning of the end's code: ones.
  return length < 8 && code === (1 << length) - 1 ? out.toString('latin1', 0, written) : undefined;
}
