/** Reads addresses from their text, byte by byte: no string is made of a record's bytes. */

const dot = 0x2e;
const colon = 0x3a;
const percent = 0x25;

/**
 * Puts the address at bytes[start … end) into `octets`, which has room for 16: gives 4, 16, or 0 where there is none. A zone
 * (`%eth0`) does not count; an address of version 4 within one of version 6 (`::ffff:…`) is the former.
 */
export function readAddress(
  bytes: Uint8Array,
  start: number,
  end: number,
  octets: Uint8Array,
): 0 | 4 | 16 {
  if (readDotted(bytes, start, end, octets, 0)) return 4;
  let last = start;
  while (last < end && bytes[last] !== percent) last++;
  // A zone has a name.
  if (last === end - 1 || !readGroups(bytes, start, last, octets)) return 0;
  if (!isMapped(octets)) return 16;
  octets.copyWithin(0, 12, 16);
  return 4;
}

/** Four numbers from 0 to 255 without leading zeros. */
function readDotted(
  bytes: Uint8Array,
  start: number,
  end: number,
  octets: Uint8Array,
  to: number,
): boolean {
  let at = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && bytes[at++] !== dot) return false;
    const first = at;
    let value = 0;
    for (; at < end && isDigit(bytes[at] as number); at++) {
      value = 10 * value + (bytes[at] as number) - 0x30;
      if (value > 255) return false;
    }
    if (at === first || (at > first + 1 && bytes[first] === 0x30)) return false;
    octets[to + part] = value;
  }
  return at === end;
}

function readGroups(bytes: Uint8Array, start: number, end: number, octets: Uint8Array): boolean {
  let filled = 0;
  let gap = -1;
  let at = start;
  if (bytes[at] === colon) {
    if (at + 1 >= end || bytes[at + 1] !== colon) return false;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    if (filled === 16) return false;
    let value = 0;
    const first = at;
    for (; at < end && at < first + 4; at++) {
      const digit = hexOf(bytes[at] as number);
      if (digit < 0) break;
      value = 16 * value + digit;
    }
    if (at === first) return false;
    if (at < end && bytes[at] === dot) {
      if (filled > 12 || !readDotted(bytes, first, end, octets, filled)) return false;
      filled += 4;
      break;
    }
    octets[filled++] = value >> 8;
    octets[filled++] = value & 0xff;
    if (at === end) break;
    if (bytes[at++] !== colon) return false;
    if (at === end) return false;
    if (bytes[at] === colon) {
      if (gap >= 0) return false;
      gap = filled;
      at++;
    }
  }
  if (gap < 0) return filled === 16;
  if (filled > 14) return false;
  octets.copyWithin(16 - (filled - gap), gap, filled);
  octets.fill(0, gap, 16 - (filled - gap));
  return true;
}

function isMapped(octets: Uint8Array): boolean {
  for (let at = 0; at < 10; at++) if (octets[at] !== 0) return false;
  return octets[10] === 0xff && octets[11] === 0xff;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

function hexOf(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const small = byte | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}
