/**
 * How a range lies in a spill file:
 *
 *     mark        8 bytes, random per file and part of its name: where a frame may begin, also after damage
 *     head length u32
 *     body length u32
 *     checksum    u32, CRC-32 of the two lengths and the head
 *     head        u32 length of a JSON text, the text, then length and CRC-32 of every element, u32 each
 *     body        the elements, as the gateway wrote them
 *
 * Numbers are little-endian. The head is checked as a whole, the elements one by one, so that a flipped bit costs one
 * record. A record's id is `<segment>:<index>` as it was in Redis. Pure.
 */
import { crc32 } from 'node:zlib';
import type { Range } from '../purge/lease/lease.ts';

export const markLength = 8;
/** Mark, two lengths, checksum. */
export const prefixLength = markLength + 12;
const perElement = 8;
/** No head is larger: a range has at most some ten thousands of records. */
const mostHeadBytes = 256 * 1024 * 1024;

/** What the JSON text says: the range as it was in Redis. */
export interface FrameRange {
  readonly list: string;
  readonly segment: string;
  readonly start: number;
  readonly count: number;
  readonly claimedAt: number;
}

export interface FramePrefix {
  readonly headLength: number;
  readonly bodyLength: number;
  readonly checksum: number;
}

export interface FrameHead {
  readonly range: FrameRange;
  readonly lengths: readonly number[];
  readonly checksums: readonly number[];
}

export interface Frame extends FrameHead {
  readonly elements: readonly Buffer[];
  /** Indices of elements that are not what was written. */
  readonly damaged: ReadonlySet<number>;
}

export function encodeFrame(mark: Buffer, range: Range, elements: readonly Buffer[]): Buffer {
  const said: FrameRange = {
    list: range.list.key,
    segment: range.segment,
    start: range.start,
    count: elements.length,
    claimedAt: range.claimedAt,
  };
  const text = Buffer.from(JSON.stringify(said));
  const headLength = 4 + text.length + elements.length * perElement;
  const bodyLength = elements.reduce((sum, element) => sum + element.length, 0);
  const frame = Buffer.allocUnsafe(prefixLength + headLength + bodyLength);
  mark.copy(frame);
  frame.writeUInt32LE(headLength, markLength);
  frame.writeUInt32LE(bodyLength, markLength + 4);
  let at = frame.writeUInt32LE(text.length, prefixLength);
  at += text.copy(frame, at);
  let body = prefixLength + headLength;
  for (const element of elements) {
    at = frame.writeUInt32LE(element.length, at);
    at = frame.writeUInt32LE(crc32(element), at);
    body += element.copy(frame, body);
  }
  frame.writeUInt32LE(headChecksum(frame, headLength), markLength + 8);
  return frame;
}

/** Undefined: no frame begins here. */
export function readPrefix(mark: Buffer, bytes: Buffer): FramePrefix | undefined {
  if (bytes.length < prefixLength || !bytes.subarray(0, markLength).equals(mark)) return undefined;
  const headLength = bytes.readUInt32LE(markLength);
  if (headLength > mostHeadBytes) return undefined;
  return {
    headLength,
    bodyLength: bytes.readUInt32LE(markLength + 4),
    checksum: bytes.readUInt32LE(markLength + 8),
  };
}

export const frameLength = ({ headLength, bodyLength }: FramePrefix): number =>
  prefixLength + headLength + bodyLength;

/** `bytes` are prefix and head, perhaps more. Undefined: they are not what was written. */
export function readHead(prefix: FramePrefix, bytes: Buffer): FrameHead | undefined {
  const { headLength, bodyLength, checksum } = prefix;
  const end = prefixLength + headLength;
  if (bytes.length < end || headChecksum(bytes, headLength) !== checksum) return undefined;
  const textLength = bytes.readUInt32LE(prefixLength);
  const table = prefixLength + 4 + textLength;
  const range = JSON.parse(bytes.toString('utf8', prefixLength + 4, table)) as FrameRange;
  const lengths: number[] = [];
  const checksums: number[] = [];
  for (let at = table; at + perElement <= end; at += perElement) {
    lengths.push(bytes.readUInt32LE(at));
    checksums.push(bytes.readUInt32LE(at + 4));
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return total === bodyLength && lengths.length === range.count
    ? { range, lengths, checksums }
    : undefined;
}

/** A whole frame; undefined where its head is damaged. Elements beyond the end of `bytes` count as damaged. */
export function readFrame(mark: Buffer, bytes: Buffer): Frame | undefined {
  const prefix = readPrefix(mark, bytes);
  const head = prefix && readHead(prefix, bytes);
  if (prefix === undefined || head === undefined) return undefined;
  const damaged = new Set<number>();
  let at = prefixLength + prefix.headLength;
  const elements = head.lengths.map((length, index) => {
    const element = bytes.subarray(at, at + length);
    at += length;
    if (element.length !== length || crc32(element) !== head.checksums[index]) damaged.add(index);
    return element;
  });
  return { ...head, elements, damaged };
}

/** Over the lengths and the head: not the mark, which is compared, and not itself. */
function headChecksum(frame: Buffer, headLength: number): number {
  const lengths = crc32(frame.subarray(markLength, markLength + 8));
  return crc32(frame.subarray(prefixLength, prefixLength + headLength), lengths);
}
