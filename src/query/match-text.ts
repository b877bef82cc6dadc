/** Compares bytes with a pattern, in time that grows with the bytes alone. */
import type { Pattern } from './tree.ts';

/** Whether source[start … end) fits. */
export type Fits = (source: Uint8Array, start: number, end: number) => boolean;

const same = Uint8Array.from({ length: 256 }, (_, byte) => byte);
/** The letters A to Z small: the only ones whose case can be ignored without knowing all alphabets. */
const small = same.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

interface Part {
  readonly bytes: Uint8Array;
  /** Of each place, where to go on when the byte there differs (Knuth, Morris and Pratt): no byte is looked at twice. */
  readonly fallbacks: Int32Array;
  /** By the byte under the last one, how far the next place is where all may lie. */
  readonly leaps: Int32Array;
}

export function fitsPattern(pattern: Pattern, ignoresCase: boolean): Fits {
  const fold = ignoresCase ? small : same;
  const parts = pattern.map((text) => partOf(text, fold));
  const [first = partOf('', fold), ...others] = parts;
  const last = others.pop();
  if (last === undefined) return fitsWhole(first.bytes, fold);
  const least = first.bytes.length + last.bytes.length;
  const middle = others.filter(({ bytes }) => bytes.length > 0);
  const [only] = middle;
  if (least === 0 && only !== undefined && middle.length === 1)
    return (source, start, end) => find(only, fold, source, start, end) >= 0;
  return (source, start, end) => {
    if (end - start < least) return false;
    const until = end - last.bytes.length;
    if (!equals(first.bytes, fold, source, start)) return false;
    if (!equals(last.bytes, fold, source, until)) return false;
    let at = start + first.bytes.length;
    for (const part of middle) {
      at = find(part, fold, source, at, until);
      if (at < 0) return false;
    }
    return true;
  };
}

const fitsWhole =
  (bytes: Uint8Array, fold: Uint8Array): Fits =>
  (source, start, end) =>
    end - start === bytes.length && equals(bytes, fold, source, start);

/** Whether it is one of the texts as a whole, in time that does not grow with their number. */
export function fitsOneOf(texts: readonly string[], ignoresCase: boolean): Fits {
  const fold = ignoresCase ? small : same;
  const bySize = new Map<number, Map<number, Uint8Array[]>>();
  for (const text of texts) {
    const { bytes } = partOf(text, fold);
    const byHash = bySize.get(bytes.length) ?? new Map<number, Uint8Array[]>();
    const hash = hashOf(bytes, fold, 0, bytes.length);
    bySize.set(bytes.length, byHash.set(hash, [...(byHash.get(hash) ?? []), bytes]));
  }
  return (source, start, end) => {
    const alike = bySize.get(end - start)?.get(hashOf(source, fold, start, end));
    return alike?.some((bytes) => equals(bytes, fold, source, start)) ?? false;
  };
}

function hashOf(source: Uint8Array, fold: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++)
    hash = (Math.imul(hash, 31) + (fold[source[at] as number] as number)) | 0;
  return hash;
}

/** Whether the bytes stand at `start`; there are as many. */
function equals(bytes: Uint8Array, fold: Uint8Array, source: Uint8Array, start: number): boolean {
  for (let at = 0; at < bytes.length; at++) {
    if (fold[source[start + at] as number] !== bytes[at]) return false;
  }
  return true;
}

/**
 * The offset behind the first occurrence; -1 where there is none. By Horspool's leaps, which look at a part of the bytes and
 * may look at one many times; once they have looked at more than twice as many as there are, the other way goes on.
 */
function find(
  part: Part,
  fold: Uint8Array,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  const { bytes, leaps } = part;
  const last = bytes.length - 1;
  const tail = bytes[last];
  let looks = 2 * (end - start);
  for (let at = start + last; at < end; ) {
    const byte = fold[source[at] as number] as number;
    if (byte === tail) {
      let matched = 1;
      while (matched <= last && fold[source[at - matched] as number] === bytes[last - matched])
        matched++;
      if (matched > last) return at + 1;
      looks -= matched;
    }
    if (looks-- < 0) return findSteadily(part, fold, source, at - last, end);
    at += leaps[byte] as number;
  }
  return -1;
}

function findSteadily(
  { bytes, fallbacks }: Part,
  fold: Uint8Array,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  let matched = 0;
  for (let at = start; at < end; at++) {
    const byte = fold[source[at] as number] as number;
    while (matched > 0 && byte !== bytes[matched]) matched = fallbacks[matched] as number;
    if (byte === bytes[matched] && ++matched === bytes.length) return at + 1;
  }
  return -1;
}

function partOf(text: string, fold: Uint8Array): Part {
  const bytes = Uint8Array.from(Buffer.from(text), (byte) => fold[byte] as number);
  const fallbacks = new Int32Array(bytes.length + 1);
  for (let at = 1, matched = 0; at < bytes.length; at++) {
    while (matched > 0 && bytes[at] !== bytes[matched]) matched = fallbacks[matched] as number;
    if (bytes[at] === bytes[matched]) matched++;
    fallbacks[at + 1] = matched;
  }
  const leaps = new Int32Array(256).fill(bytes.length);
  for (let at = 0; at < bytes.length - 1; at++) leaps[bytes[at] as number] = bytes.length - 1 - at;
  return { bytes, fallbacks, leaps };
}
