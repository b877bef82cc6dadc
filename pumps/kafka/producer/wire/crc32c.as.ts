/**
 * CRC-32C, 32 bytes at a time. The language is AssemblyScript, WebAssembly in the words of TypeScript: a `u32` is a place in its memory,
 * `load<u8>(p)` the byte there. `npm run scanner` compiles it to crc32c-code.ts. What it is of the host puts at `inputAt`.
 */

/** Sixteen tables: what a byte does to the sum when it lies so many bytes before the end of sixteen. */
const tablesAt: u32 = 4096;
/** Four tables: what each byte of a sum becomes when as many zeros follow as half a piece has. */
const zerosAt: u32 = 20480;
export const inputAt: u32 = 24576;

/** Of a piece each half is summed by itself: neither waits for the other. */
const half: u32 = 4096;
/** The reflected polynomial of Castagnoli. */
const polynomial: u32 = 0x82f6_3b78;

/** Fills the tables. */
export function begin(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) == 0 ? sum >> 1 : (sum >> 1) ^ polynomial;
    store<u32>(tablesAt + (byte << 2), sum);
  }
  for (let byte: u32 = 0; byte < 256; byte++)
    for (let table: u32 = 1; table < 16; table++)
      store<u32>(tablesAt + (table << 10) + (byte << 2), withByte(found(table - 1, byte), 0));
  for (let table: u32 = 0; table < 4; table++)
    for (let byte: u32 = 0; byte < 256; byte++) {
      let sum = byte << (table << 3);
      for (let rest = half; rest > 0; rest--) sum = withByte(sum, 0);
      store<u32>(zerosAt + (table << 10) + (byte << 2), sum);
    }
}

/** The sum of what came before, and of the first `size` bytes at `inputAt`. */
export function add(before: u32, size: u32): u32 {
  const end = inputAt + size;
  let sum = before;
  let at = inputAt;
  for (; at + 2 * half <= end; at += 2 * half) {
    let other: u32 = 0;
    for (let offset: u32 = 0; offset < half; offset += 16) {
      sum = withBlock(sum, at + offset);
      other = withBlock(other, at + half + offset);
    }
    sum = withZeros(sum) ^ other;
  }
  for (; at + 16 <= end; at += 16) sum = withBlock(sum, at);
  for (; at < end; at++) sum = withByte(sum, load<u8>(at));
  return sum;
}

function found(table: u32, byte: u32): u32 {
  return load<u32>(tablesAt + (table << 10) + (byte << 2));
}

function withByte(sum: u32, byte: u32): u32 {
  return (sum >> 8) ^ found(0, (sum ^ byte) & 0xff);
}

function withBlock(sum: u32, at: u32): u32 {
  const low = load<u64>(at) ^ sum;
  const high = load<u64>(at, 8);
  return (
    fourOf(12, <u32>low) ^
    fourOf(8, <u32>(low >> 32)) ^
    (fourOf(4, <u32>high) ^ fourOf(0, <u32>(high >> 32)))
  );
}

/** Of four bytes of which the last lies so many before the end. */
function fourOf(table: u32, word: u32): u32 {
  return (
    found(table + 3, word & 0xff) ^
    found(table + 2, (word >> 8) & 0xff) ^
    (found(table + 1, (word >> 16) & 0xff) ^ found(table, word >> 24))
  );
}

function withZeros(sum: u32): u32 {
  return (
    load<u32>(zerosAt + ((sum & 0xff) << 2)) ^
    load<u32>(zerosAt + 1024 + (((sum >> 8) & 0xff) << 2)) ^
    load<u32>(zerosAt + 2048 + (((sum >> 16) & 0xff) << 2)) ^
    load<u32>(zerosAt + 3072 + ((sum >> 24) << 2))
  );
}
