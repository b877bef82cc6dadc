import type { Period, Zone } from './period.ts';
import { parsePosixRule } from './posix-rule.ts';

interface Kind {
  readonly offset: number;
  readonly isSummer: boolean;
  readonly abbreviation: string;
}

const headerSize = 44;

/**
 * Reads a compiled time zone (RFC 9636), which is where Go takes offsets and abbreviations from. Undefined when the
 * bytes are none.
 */
export function parseTzif(bytes: Buffer): Zone | undefined {
  try {
    return readTzif(bytes);
  } catch (error) {
    // A cut file: reading past the end of a buffer throws.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readTzif(bytes: Buffer): Zone | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'TZif') return undefined;
  if (bytes[4] === 0) return readBlock(bytes, 0, 4);
  // From version 2 a block with 64-bit times and a rule for the future follows the old one.
  return readBlock(bytes, blockEnd(bytes, 0, 4), 8);
}

function countsOf(bytes: Buffer, at: number) {
  const count = (index: number): number => bytes.readUInt32BE(at + 20 + 4 * index);
  return {
    utcFlags: count(0),
    standardFlags: count(1),
    leaps: count(2),
    times: count(3),
    kinds: count(4),
    characters: count(5),
  };
}

function blockEnd(bytes: Buffer, at: number, timeSize: 4 | 8): number {
  const counts = countsOf(bytes, at);
  return (
    at +
    headerSize +
    counts.times * (timeSize + 1) +
    counts.kinds * 6 +
    counts.characters +
    counts.leaps * (timeSize + 4) +
    counts.standardFlags +
    counts.utcFlags
  );
}

function readBlock(bytes: Buffer, at: number, timeSize: 4 | 8): Zone | undefined {
  const counts = countsOf(bytes, at);
  const timesAt = at + headerSize;
  const indexesAt = timesAt + counts.times * timeSize;
  const kindsAt = indexesAt + counts.times;
  const namesAt = kindsAt + counts.kinds * 6;
  const kinds = list(counts.kinds, (index): Kind => {
    const kindAt = kindsAt + 6 * index;
    const nameAt = namesAt + bytes.readUInt8(kindAt + 5);
    return {
      offset: bytes.readInt32BE(kindAt),
      isSummer: bytes.readUInt8(kindAt + 4) !== 0,
      abbreviation: bytes.toString('latin1', nameAt, bytes.indexOf(0, nameAt)),
    };
  });
  const times = list(counts.times, (index) =>
    timeSize === 4
      ? bytes.readInt32BE(timesAt + 4 * index)
      : Number(bytes.readBigInt64BE(timesAt + 8 * index)),
  );
  const indexes = list(counts.times, (index) => bytes.readUInt8(indexesAt + index));
  const footer =
    timeSize === 8 ? bytes.toString('latin1', blockEnd(bytes, at, 8) + 1, bytes.length - 1) : '';
  return zoneFrom(kinds, times, indexes, footer);
}

function zoneFrom(
  kinds: readonly Kind[],
  times: readonly number[],
  indexes: readonly number[],
  footer: string,
): Zone | undefined {
  const first = firstKind(kinds, indexes);
  if (first === undefined) return undefined;
  const rule = parsePosixRule(footer);
  return (seconds): Period => {
    const next = firstAbove(times, seconds);
    if (next === times.length && rule !== undefined) {
      const period = rule(seconds);
      return { ...period, start: Math.max(period.start, times.at(-1) ?? -Infinity) };
    }
    const kind = next === 0 ? first : (kinds[indexes[next - 1] ?? 0] ?? first);
    return {
      offset: kind.offset,
      abbreviation: kind.abbreviation,
      start: times[next - 1] ?? -Infinity,
      end: times[next] ?? Infinity,
    };
  };
}

/** What holds before the first change, by the three rules of Go's lookupFirstZone. */
function firstKind(kinds: readonly Kind[], indexes: readonly number[]): Kind | undefined {
  if (!indexes.includes(0)) return kinds[0];
  const start = indexes[0] ?? 0;
  if (kinds[start]?.isSummer === true) {
    const before = kinds.slice(0, start).findLast((kind) => !kind.isSummer);
    if (before !== undefined) return before;
  }
  return kinds.find((kind) => !kind.isSummer) ?? kinds[0];
}

/** Index of the first time above `seconds`. */
function firstAbove(times: readonly number[], seconds: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) > seconds) high = middle;
    else low = middle + 1;
  }
  return low;
}

const list = <T>(count: number, item: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => item(index));
