/** Signed integers of at most 31 bits as Kafka's records have them: zigzag, seven bits a byte, the lowest first. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = zigzag(value);
  let to = at;
  for (; rest > 0x7f; rest >>>= 7) bytes[to++] = (rest & 0x7f) | 0x80;
  bytes[to++] = rest;
  return to;
}

/** In bytes. */
export function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest >>>= 7) size += 1;
  return size;
}

/** Of the largest there is. */
export const longestVarint = 5;

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

/** Its value; there must be one whole. */
export function readVarint(bytes: Uint8Array, at: number): number {
  let rest = 0;
  for (let to = at, shift = 0; ; to++, shift += 7) {
    const byte = bytes[to] ?? 0;
    rest |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (rest >>> 1) ^ -(rest & 1);
  }
}
