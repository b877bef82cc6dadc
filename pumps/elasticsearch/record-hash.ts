const mask = 0xffff_ffff_ffff_ffffn;
const c1 = 0x87c3_7b91_1142_53d5n;
const c2 = 0x4cf5_ad43_2745_937fn;

/**
 * MurmurHash3 x64 128 with seed 0, its first 64 bits, big-endian: what Tyk Pump's `generate_id` is made of.
 * https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmurHash(input: Uint8Array): Uint8Array {
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
  const first = (finish(h1) + finish(h2)) & mask;

  const hash = new DataView(new ArrayBuffer(8));
  hash.setBigUint64(0, first);
  return new Uint8Array(hash.buffer);
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
