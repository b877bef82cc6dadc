/** The reflected polynomial of Castagnoli. `zlib.crc32` has another one. */
const polynomial = 0x82f63b78;

/** Sixteen tables: what a byte does to the sum when it lies so many bytes before the end of sixteen. */
const tables = Array.from({ length: 16 }, () => new Int32Array(256));
type Four = readonly [Int32Array, Int32Array, Int32Array, Int32Array];
const [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] =
  tables as unknown as readonly [...Four, ...Four, ...Four, ...Four];

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

/** A multiple of sixteen. */
const pieceSize = 4_096;

/** As crc32c.ts, in plain words: for a few bytes, and where the runtime has no WebAssembly. */
export function plainCrc32c(bytes: Uint8Array, start = 0): number {
  const { length } = bytes;
  const words = new DataView(bytes.buffer, bytes.byteOffset, length);
  let sum = -1;
  let index = start;
  // In pieces, for V8 compiles a function that is called often better than a long loop that is entered once a batch.
  for (const end = length - 15; index < end; index += pieceSize)
    sum = sumOf(words, index, Math.min(index + pieceSize, end), sum);
  for (index = length - ((length - start) % 16); index < length; index++)
    sum = (sum >>> 8) ^ at(t0, (sum ^ (bytes[index] as number)) & 0xff);
  return ~sum >>> 0;
}

/**
 * The sum with what begins before `end`, sixteen bytes at a time: it sees every byte that is sent. Three quarters of what is
 * looked up for them does not wait for the sum of those before.
 */
function sumOf(words: DataView, start: number, end: number, before: number): number {
  let sum = before;
  for (let index = start; index < end; index += 16) {
    const first = sum ^ words.getInt32(index, true);
    const second = words.getInt32(index + 4, true);
    const third = words.getInt32(index + 8, true);
    const fourth = words.getInt32(index + 12, true);
    const others =
      at(t11, second & 0xff) ^
      at(t10, (second >>> 8) & 0xff) ^
      at(t9, (second >>> 16) & 0xff) ^
      at(t8, second >>> 24) ^
      at(t7, third & 0xff) ^
      at(t6, (third >>> 8) & 0xff) ^
      at(t5, (third >>> 16) & 0xff) ^
      at(t4, third >>> 24) ^
      at(t3, fourth & 0xff) ^
      at(t2, (fourth >>> 8) & 0xff) ^
      at(t1, (fourth >>> 16) & 0xff) ^
      at(t0, fourth >>> 24);
    sum =
      others ^
      at(t15, first & 0xff) ^
      at(t14, (first >>> 8) & 0xff) ^
      at(t13, (first >>> 16) & 0xff) ^
      at(t12, first >>> 24);
  }
  return sum;
}
