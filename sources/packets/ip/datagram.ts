/** What an IP packet carries, of either version. One object is used for all: what is to last must be copied. */
export interface Datagram {
  bytes: Buffer;
  /** Where the source's address begins; the destination's follows it. */
  addressesAt: number;
  /** Bytes of one address: 4 or 16. */
  addressLength: 4 | 16;
  /** What is in it; 6: TCP. */
  protocol: number;
  /** What is carried: of what was captured, never beyond. */
  start: number;
  end: number;
  /** Of a fragment: which datagram it belongs to, where in it, and whether others follow. */
  fragment: Fragment | undefined;
}

interface Fragment {
  readonly id: number;
  readonly offset: number;
  readonly hasMore: boolean;
}

export const newDatagram = (): Datagram => ({
  bytes: Buffer.alloc(0),
  addressesAt: 0,
  addressLength: 4,
  protocol: 0,
  start: 0,
  end: 0,
  fragment: undefined,
});

/** Headers of IPv6 that may stand before TCP: options of hops, routing, destination options; fragments and AH are others. */
const skippable = new Set([0, 43, 60, 135, 139, 140]);
/** As many extension headers as anybody sends, and more. */
const mostHeaders = 16;

/** Reads the header at bytes[at … end) into `into`. False: it is none, or not whole. */
export function readDatagram(bytes: Buffer, at: number, end: number, into: Datagram): boolean {
  into.bytes = bytes;
  into.fragment = undefined;
  return (bytes[at] as number) >> 4 === 4
    ? readVersion4(bytes, at, end, into)
    : readVersion6(bytes, at, end, into);
}

function readVersion4(bytes: Buffer, at: number, end: number, into: Datagram): boolean {
  if (at + 20 > end) return false;
  const headerLength = ((bytes[at] as number) & 0x0f) * 4;
  if (headerLength < 20 || at + headerLength > end) return false;
  // 0: the card is to cut it into segments, so nobody has written how long it is.
  const total = bytes.readUInt16BE(at + 2);
  if (total !== 0 && total < headerLength) return false;
  into.addressesAt = at + 12;
  into.addressLength = 4;
  into.protocol = bytes[at + 9] as number;
  into.start = at + headerLength;
  into.end = total === 0 ? end : Math.min(end, at + total);
  const flags = bytes.readUInt16BE(at + 6);
  if ((flags & 0x3fff) !== 0)
    into.fragment = {
      id: bytes.readUInt16BE(at + 4),
      offset: (flags & 0x1fff) * 8,
      hasMore: (flags & 0x2000) !== 0,
    };
  return true;
}

function readVersion6(bytes: Buffer, at: number, end: number, into: Datagram): boolean {
  if (at + 40 > end) return false;
  const length = bytes.readUInt16BE(at + 4);
  into.addressesAt = at + 8;
  into.addressLength = 16;
  // 0: a jumbogram, or one that the card cuts.
  into.end = length === 0 ? end : Math.min(end, at + 40 + length);
  let next = bytes[at + 6] as number;
  let start = at + 40;
  for (let headers = 0; headers < mostHeaders; headers++) {
    if (next === 44) {
      if (start + 8 > into.end) return false;
      const place = bytes.readUInt16BE(start + 2);
      next = bytes[start] as number;
      // A whole datagram may say that it is its only fragment.
      if ((place & 0xfff9) !== 0)
        into.fragment = {
          id: bytes.readUInt32BE(start + 4),
          offset: place & 0xfff8,
          hasMore: (place & 1) !== 0,
        };
      start += 8;
      if (into.fragment !== undefined) break;
    } else if (skippable.has(next) || next === 51) {
      if (start + 8 > into.end) return false;
      const units = bytes[start + 1] as number;
      const size = next === 51 ? (units + 2) * 4 : (units + 1) * 8;
      next = bytes[start] as number;
      start += size;
    } else break;
    if (start > into.end) return false;
  }
  into.protocol = next;
  into.start = start;
  return start <= into.end;
}
