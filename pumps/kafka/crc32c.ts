/** The reflected polynomial of Castagnoli. `zlib.crc32` has another one. */
const polynomial = 0x82f63b78;

/** Eight tables: what a byte does to the sum when it lies so many bytes before the end of a word of eight. */
const tables = Array.from({ length: 8 }, () => new Int32Array(256));
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as unknown as readonly [
  ...[Int32Array, Int32Array, Int32Array, Int32Array],
  ...[Int32Array, Int32Array, Int32Array, Int32Array],
];

for (let byte = 0; byte < 256; byte++) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ polynomial;
  t0[byte] = sum;
}
for (let byte = 0; byte < 256; byte++) {
  let sum = at(t0, byte);
  for (const table of tables) {
    table[byte] = sum;
    sum = (sum >>> 8) ^ at(t0, sum & 0xff);
  }
}

/** The indices are bytes, so there is always an element. */
function at(table: Int32Array, index: number): number {
  return table[index] as number;
}

/**
 * CRC-32C of bytes[start …], unsigned: what record batches are checked by. Eight bytes at a time, for it sees every byte
 * that is sent.
 */
export function crc32c(bytes: Uint8Array, start = 0): number {
  const { length } = bytes;
  const words = new DataView(bytes.buffer, bytes.byteOffset, length);
  let sum = -1;
  let index = start;
  for (const end = length - 7; index < end; index += 8) {
    const first = sum ^ words.getInt32(index, true);
    const second = words.getInt32(index + 4, true);
    sum =
      at(t7, first & 0xff) ^
      at(t6, (first >>> 8) & 0xff) ^
      at(t5, (first >>> 16) & 0xff) ^
      at(t4, first >>> 24) ^
      at(t3, second & 0xff) ^
      at(t2, (second >>> 8) & 0xff) ^
      at(t1, (second >>> 16) & 0xff) ^
      at(t0, second >>> 24);
  }
  for (; index < length; index++)
    sum = (sum >>> 8) ^ at(t0, (sum ^ (bytes[index] as number)) & 0xff);
  return ~sum >>> 0;
}
