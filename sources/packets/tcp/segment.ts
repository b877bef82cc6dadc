import type { Datagram } from '../ip/datagram.ts';

/** A TCP segment. One object is used for all: what is to last must be copied. */
export interface Segment {
  bytes: Buffer;
  /** Where its payload begins and ends. */
  start: number;
  end: number;
  /** Numbers of 32 bits that wrap; what they count is worked out with `distance`. */
  sequence: number;
  /** What the sender has of the other side; undefined: it does not say. */
  acknowledged: number | undefined;
  isSyn: boolean;
  isFin: boolean;
  isReset: boolean;
  /** Milliseconds since 1970. */
  time: number;
}

export const newSegment = (): Segment => ({
  ...{ bytes: Buffer.alloc(0), start: 0, end: 0, sequence: 0, acknowledged: undefined },
  ...{ isSyn: false, isFin: false, isReset: false, time: 0 },
});

/** Reads the header of what a datagram carries. False: it is none, or not whole. */
export function readSegment({ bytes, start, end }: Datagram, time: number, into: Segment): boolean {
  if (start + 20 > end) return false;
  const headerLength = ((bytes[start + 12] as number) >> 4) * 4;
  if (headerLength < 20 || start + headerLength > end) return false;
  const flags = bytes[start + 13] as number;
  into.bytes = bytes;
  into.start = start + headerLength;
  into.end = end;
  into.sequence = bytes.readUInt32BE(start + 4);
  into.acknowledged = (flags & 0x10) === 0 ? undefined : bytes.readUInt32BE(start + 8);
  into.isFin = (flags & 0x01) !== 0;
  into.isSyn = (flags & 0x02) !== 0;
  into.isReset = (flags & 0x04) !== 0;
  into.time = time;
  return true;
}
