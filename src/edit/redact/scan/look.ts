import { isBreak, isWorthReading, kindsOf, leastRun } from '../base64-letters.ts';
import { confirm, type Found, type Sight } from './sight.ts';
import { begins, breakShift, ends, lists, nexts, pairs, threeOf } from './triggers.ts';

const none: readonly number[] = [];

/** Below this size a view of words costs more than it saves. */
const leastWords = 64;
/** A run that is long enough has so many whole words in it, wherever it begins. */
const wholeWords = Math.floor((leastRun - 3) / 4);
/** By word, the last one lowest: a bit for each that is not all of base64's letters. */
const lastWords = (1 << wholeWords) - 1;

/**
 * One look over a text, in plain words: what the scanner is held to (scanner.as.ts), and what is done with short texts and where
 * there is no WebAssembly. Three letters in a row hold a pair that begins at an even place, so that every second byte is looked
 * at, and what is looked up does not depend on what was found before: both together make it four times as fast as a search that
 * skips, whose jumps no processor foresees. `text` is that of the bytes, in Latin-1.
 */
export function look(bytes: Uint8Array, text: string): Sight {
  const found: Found = { places: undefined };
  const size = bytes.length;
  // Pairs begin at even places of the memory: four bytes at a time are two of them.
  let at = bytes.byteOffset & 1;
  if (size < leastWords) {
    for (; at + 1 < size; at += 2) atPair(bytes, text, at, found);
    return { places: found.places ?? none, runFrom: 0 };
  }
  const from = -bytes.byteOffset & 3;
  for (; at < from; at += 2) atPair(bytes, text, at, found);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, (size - from) >> 2);
  const count = words.length;
  let runFrom = size;
  /** Up to here runs have been read. */
  let read = 0;
  let broken = lastWords;
  for (let index = 0; index < count; index++) {
    const word = words[index] as number;
    const roles = (pairs[word & 0xffff] as number) | (pairs[word >>> 16] as number);
    broken = (broken << 1) | (roles >> breakShift);
    if ((broken & lastWords) === 0 && runFrom === size) {
      const place = from + 4 * (index + 1 - wholeWords);
      if (place >= read) {
        const begin = runBegin(bytes, place);
        read = runEnd(bytes, place);
        if (
          read - begin >= leastRun &&
          isWorthReading(bytes, begin, read, kindsOf(bytes, begin, read))
        )
          runFrom = begin;
      }
    }
    if ((roles & (begins | ends)) === 0) continue;
    const place = from + 4 * index;
    atPair(bytes, text, place, found);
    atPair(bytes, text, place + 2, found);
  }
  for (at = from + 4 * count; at + 1 < size; at += 2) atPair(bytes, text, at, found);
  return { places: found.places ?? none, runFrom };
}

function runBegin(bytes: Uint8Array, at: number): number {
  let from = at;
  while (from > 0 && !isBreak(bytes[from - 1] as number)) from--;
  return from;
}

function runEnd(bytes: Uint8Array, at: number): number {
  let to = at;
  while (to < bytes.length && !isBreak(bytes[to] as number)) to++;
  return to;
}

/** What the pair at `at` is part of. */
function atPair(bytes: Uint8Array, text: string, at: number, found: Found): void {
  const role = roleOf(bytes, at);
  if ((role & ends) !== 0 && at > 0 && (roleOf(bytes, at - 1) & begins) !== 0)
    atThree(bytes, text, at - 1, found);
  if ((role & begins) !== 0 && (roleOf(bytes, at + 1) & ends) !== 0)
    atThree(bytes, text, at, found);
}

const roleOf = (bytes: Uint8Array, at: number): number =>
  pairs[(bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8)] as number;

function atThree(bytes: Uint8Array, text: string, at: number, found: Found): void {
  const list = lists[threeOf(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0)] as number;
  if (list > 0 && allows(list, bytes[at + 3])) confirm(text, at, list, found);
}

const allows = (list: number, next: number | undefined): boolean =>
  ((nexts[list] as number) & (1 << ((next ?? 0) & 31))) !== 0;
