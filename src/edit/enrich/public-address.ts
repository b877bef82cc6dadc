import { readAddress } from '../../lib/ip.ts';

const octets = new Uint8Array(16);

/**
 * The address in these bytes in one notation, without a zone; undefined where there is none, or one that lies nowhere:
 * private, shared, loopback, link-local, multicast or not given out.
 */
export function publicAddress(bytes: Uint8Array): string | undefined {
  const size = readAddress(bytes, 0, bytes.length, octets);
  if (size === 4) return isPublic4() ? octets.subarray(0, 4).join('.') : undefined;
  return size === 16 && isPublic6() ? groups() : undefined;
}

const at = (index: number): number => octets[index] as number;

function isPublic4(): boolean {
  const [first, second] = [at(0), at(1)];
  switch (first) {
    case 0:
    case 10:
    case 127:
      return false;
    case 100:
      return (second & 0xc0) !== 64;
    case 169:
      return second !== 254;
    case 172:
      return (second & 0xf0) !== 16;
    case 192:
      return second !== 168;
    default:
      return first < 224;
  }
}

/** Global unicast alone; the rest of version 6 lies nowhere, or is not given out yet. */
const isPublic6 = (): boolean => (at(0) & 0xe0) === 0x20;

const groups = (): string =>
  Array.from({ length: 8 }, (_, index) =>
    ((at(2 * index) << 8) | at(2 * index + 1)).toString(16),
  ).join(':');
