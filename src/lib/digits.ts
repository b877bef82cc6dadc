/** From here on a number has more digits than are written three at a time. */
export const manyDigits = 1e9;

/**
 * Writes the digits of a whole number of 0 … 999,999,999, three at a time; gives the offset after them. It takes room for
 * one byte more.
 */
export function putDigits(value: number, data: DataView, to: number): number {
  if (value < 1_000) return putHead(value, data, to);
  const thousands = (value / 1_000) | 0;
  const units = value - thousands * 1_000;
  if (thousands < 1_000) return putTriple(units, data, putHead(thousands, data, to));
  const millions = (thousands / 1_000) | 0;
  const next = putTriple(thousands - millions * 1_000, data, putHead(millions, data, to));
  return putTriple(units, data, next);
}

/** The first one to three digits of a number. */
function putHead(value: number, data: DataView, to: number): number {
  const head = heads[value] as number;
  data.setInt32(to, head, true);
  return to + (head >>> 24);
}

/** Three digits of it, zeros in front included. */
export function putTriple(value: number, data: DataView, to: number): number {
  data.setInt32(to, triples[value] as number, true);
  return to + 3;
}

/** The digits of 0 … 999, as words that begin with them and end with how many there are. */
const heads = Int32Array.from({ length: 1_000 }, (_, value) => {
  const digits = String(value);
  const word = `${digits.padEnd(3, '\0')}${String.fromCharCode(digits.length)}`;
  return Buffer.from(word).readInt32LE();
});

/** The three digits of 0 … 999, as words that begin with them. */
const triples = Int32Array.from({ length: 1_000 }, (_, value) =>
  Buffer.from(`${String(value).padStart(3, '0')}\0`).readInt32LE(),
);
