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

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;
