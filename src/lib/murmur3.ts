const mask = 0xffff_ffff_ffff_ffffn;
const c1 = 0x87c3_7b91_1142_53d5n;
const c2 = 0x4cf5_ad43_2745_937fn;

/**
 * MurmurHash3 x64 128 with seed 0: 16 bytes, both halves big-endian. Its first 8 are what Go's libraries call the hash of 64 bits.
 * https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmur128(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const blocks = Math.floor(input.length / 16);
  let h1 = 0n;
  let h2 = 0n;
  for (let block = 0; block < blocks; block++) {
    h1 ^= firstLane(view.getBigUint64(block * 16, true));
    h1 = (rotate(h1, 27n) + h2) & mask;
    h1 = (h1 * 5n + 0x52dce729n) & mask;
    h2 ^= secondLane(view.getBigUint64(block * 16 + 8, true));
    h2 = (rotate(h2, 31n) + h1) & mask;
    h2 = (h2 * 5n + 0x38495ab5n) & mask;
  }

  const tail = new DataView(new ArrayBuffer(16));
  for (let at = blocks * 16; at < input.length; at++) tail.setUint8(at % 16, input[at] ?? 0);
  h2 ^= secondLane(tail.getBigUint64(8, true));
  h1 ^= firstLane(tail.getBigUint64(0, true));

  const length = BigInt(input.length);
  h1 = ((h1 ^ length) + (h2 ^ length)) & mask;
  h2 = ((h2 ^ length) + h1) & mask;
  const second = finish(h2);
  const first = (finish(h1) + second) & mask;

  const hash = new DataView(new ArrayBuffer(16));
  hash.setBigUint64(0, first);
  hash.setBigUint64(8, (second + first) & mask);
  return new Uint8Array(hash.buffer);
}

/** MurmurHash3 x86 32 with seed 0: 4 bytes, big-endian. */
export function murmur32(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const end = input.length - (input.length % 4);
  let hash = 0;
  for (let at = 0; at < end; at += 4) {
    hash ^= mixed32(view.getUint32(at, true));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe654_6b64) | 0;
  }
  let tail = 0;
  for (let at = input.length - 1; at >= end; at--) tail = (tail << 8) | (input[at] ?? 0);
  hash ^= mixed32(tail) ^ input.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  const out = new DataView(new ArrayBuffer(4));
  out.setUint32(0, (hash ^ (hash >>> 16)) >>> 0);
  return new Uint8Array(out.buffer);
}

function mixed32(word: number): number {
  const product = Math.imul(word, 0xcc9e_2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b87_3593);
}

const firstLane = (k: bigint): bigint => (rotate((k * c1) & mask, 31n) * c2) & mask;
const secondLane = (k: bigint): bigint => (rotate((k * c2) & mask, 33n) * c1) & mask;

const rotate = (value: bigint, by: bigint): bigint =>
  ((value << by) | (value >> (64n - by))) & mask;

function finish(value: bigint): bigint {
  let mixed = ((value ^ (value >> 33n)) * 0xff51_afd7_ed55_8ccdn) & mask;
  mixed = ((mixed ^ (mixed >> 33n)) * 0xc4ce_b9fe_1a85_ec53n) & mask;
  return mixed ^ (mixed >> 33n);
}
