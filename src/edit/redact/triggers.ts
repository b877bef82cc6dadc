import { isBreak, leastRun } from './base64-letters.ts';

/**
 * Finds in one pass where the name of a secret or a token of a known shape may stand, by three letters of each, and where
 * base64 may begin. Three letters in a row hold a pair that begins at an even place, so that every second byte is looked at,
 * and what is looked up does not depend on what was found before: both together make it four times as fast as a search that
 * skips, whose jumps no processor foresees.
 */
interface Row {
  readonly letters: string;
  /** In lower or upper case. Tokens are written in one way but for the words of a header. */
  readonly isAnyCase: boolean;
  /** What the fourth letter can be, where that says much; any, where it is empty. */
  readonly next: string;
  /** How far before them the word begins. */
  readonly before: number;
  /** Of a name: what stands at the word's beginning. A token is looked at by tokens.ts. */
  readonly word: RegExp | undefined;
}

const name = (letters: string, next: string, word: RegExp, before = 0): Row => ({
  letters,
  isAnyCase: true,
  next,
  before,
  word,
});
const token = (letters: string, before: number, next = '', isAnyCase = false): Row => ({
  letters,
  isAnyCase,
  next,
  before,
  word: undefined,
});

/** A part of every name that names.ts knows, and of every token that tokens.ts knows (triggers.test.ts shows that). */
// biome-ignore format: a table
const rows: readonly Row[] = [
  name('pas', 's', /pass(?:[^a-z]|w|phrase|code|key|e|$)/iy),
  name('pwd', '', /pwd/iy),
  name('oke', 'n', /token/iy, 1),
  name('cre', 't', /secret/iy, 2),
  name('cre', 'd', /credential/iy),
  name('aut', 'h', /auth(?:[^eo]|$|ori[sz]|enti)/iy),
  name('key', '', /key/iy),
  name('ssi', 'od', /ssi(?:on|d)/iy),
  name('sig', '', /sig(?:nature|[^a-z]|$)/iy),
  name('srf', '', /srf/iy),
  name('oki', 'e', /cookie/iy, 2),
  name('jwt', '', /jwt/iy),
  name('otp', '', /otp/iy),
  name('pin', '', /pin(?:[^a-z]|code|$)/iy),
  name('sid', '', /sid(?:[^a-z]|$)/iy),
  name('cvv', '', /cvv/iy),
  name('cvc', '', /cvc/iy),
  name('rif', 'i', /verifier/iy, 2),
  name('sse', 'r', /assertion/iy, 1),
  name('aml', '', /saml/iy, 1),
  name('vic', 'e', /device[_-]?code/iy, 2),
  name('cod', 'e', /code=|(?<=(?:ity|ion|sms|ess)[_-]?)code/iy),
  name('cov', 'e', /covery[_-]?code/iy),
  name('kup', '_-c', /kup[_-]?code/iy),
  name('nsw', 'e', /ity[_-]?answer/iy, 4),
  name('nsw', 'e', /ity[_-]?answer/iy, 5),
  name('hma', 'c', /hmac/iy),
  name('mfa', '', /mfa[_-]?code/iy),
  name('bea', 'r', /bearer/iy),
  name('tic', 'k', /ticket=/iy),
  name('nem', 'o', /nemonic/iy),
  name('phr', 'a', /phrase/iy),
  name('str', 'i', /(?<=conn(?:ection)?[_-]?)string/iy),
  ...['=', ':', '"', "'", '>', ' '].map((sign) => name(`pw${sign}`, '', /pw[^a-z]/iy)),
  token('eyJ', 0), token('KIA', 1), token('SIA', 1), token('BIA', 1), token('CCA', 1),
  token('hp_', 1), token('ho_', 1), token('hu_', 1), token('hs_', 1), token('hr_', 1),
  token('b_p', -2, 'a'), token('lpa', -1, 't'), token('glr', 0, 't'), token('gld', 0, 't'), token('xox', 0),
  token('xap', 0, 'p'), token('sk-', 0), token('k_l', 1, 'i'), token('k_t', 1, 'e'), token('AIz', 0, 'a'),
  token('SG.', 0), token('npm', 0, '_'), token('ypi', 1, '-'), token('a29', 1), token('hf_', 0), token('p_v', 2),
  token('o_v', 2), token('r_v', 2), token('shp', 0), token('hvs', 0, '.'), token('hvb', 0, '.'), token('sq0', 0),
  token('whs', 0, 'e'), token(':AA', 0), token('ook', 1, 's'), token('TT3', 3), token('KEY', 0, '-'),
  token('BEG', 5, 'I'), token('bea', 0, 'r', true), token('asi', 1, 'c', true), token('n_a', 2, 'p'), token('key', 0, '-'),
  token('OCS', 1, 'P'), token('//0', 1), token('dap', 0, 'i'), token('ckr', 1, '_'), token('PMA', 0, 'K'), token('NRA', 0, 'K'),
  token('lsa', 1, '_'), token('igd', 1, '_'), token('gsk', 0, '_'), token('uby', 1, 'g'),
];

/** By two letters, the second one in the upper bits: whether they are the first or the last of three. */
const pairs = new Uint8Array(1 << 16);
const begins = 1;
const ends = 2;
/** One of both is no letter of base64: the highest of the bits. */
const breakShift = 2;
const breaks = 1 << breakShift;
/** By three letters, five bits of each: which list of rows. */
const lists = new Uint8Array(1 << 15);
const rowsOf: Row[][] = [[]];

for (let pair = 0; pair < pairs.length; pair++)
  if (isBreak(pair & 0xff) || isBreak(pair >>> 8)) pairs[pair] = breaks;
for (const row of rows) {
  const [first, second, third] = codesOf(row.letters);
  const pairsOf = row.isAnyCase ? pairsInAnyCase : pairAsIs;
  for (const pair of pairsOf(first, second)) pairs[pair] = (pairs[pair] as number) | begins;
  for (const pair of pairsOf(second, third)) pairs[pair] = (pairs[pair] as number) | ends;
  const three = threeOf(first, second, third);
  const list = lists[three] as number;
  if (list > 0) rowsOf[list]?.push(row);
  else lists[three] = rowsOf.push([row]) - 1;
}
/** By row list: the fourth letters that say something, as bits; all bits, where it may be any. */
const nexts = Int32Array.from(rowsOf, (list) =>
  list.reduce((bits, { next }) => bits | (next === '' ? -1 : bitsOf(next)), 0),
);

function codesOf(letters: string): readonly [number, number, number] {
  return [letters.charCodeAt(0), letters.charCodeAt(1), letters.charCodeAt(2)];
}

function bitsOf(letters: string): number {
  let bits = 0;
  for (let at = 0; at < letters.length; at++) bits |= 1 << (letters.charCodeAt(at) & 31);
  return bits;
}

function pairAsIs(first: number, second: number): readonly number[] {
  return [first | (second << 8)];
}

function pairsInAnyCase(first: number, second: number): readonly number[] {
  return casesOf(first).flatMap((low) => casesOf(second).flatMap((high) => pairAsIs(low, high)));
}

function casesOf(code: number): readonly number[] {
  const letter = String.fromCharCode(code);
  return [letter.toLowerCase().charCodeAt(0), letter.toUpperCase().charCodeAt(0)];
}

function threeOf(first: number, second: number, third: number): number {
  return ((first & 31) << 10) | ((second & 31) << 5) | (third & 31);
}

const none: readonly number[] = [];

/** What one look over a text tells of it. */
export interface Sight {
  /** Where something may be, in the order of its letters: the begin of its word, twice, plus one where it is a token's. */
  readonly places: readonly number[];
  /** Before here no run of base64's letters begins that is long enough; the text's length where none does. */
  readonly runFrom: number;
}

/** What was found, as it is gathered. */
interface Found {
  places: number[] | undefined;
}

/** Below this size a view of words costs more than it saves. */
const leastWords = 64;
/** A run that is long enough has so many whole words in it, wherever it begins. */
const wholeWords = Math.floor((leastRun - 3) / 4);
/** By word, the last one lowest: a bit for each that is not all of base64's letters. */
const lastWords = (1 << wholeWords) - 1;

/** `text` is that of the bytes, in Latin-1. */
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
  let broken = lastWords;
  for (let index = 0; index < count; index++) {
    const word = words[index] as number;
    const roles = (pairs[word & 0xffff] as number) | (pairs[word >>> 16] as number);
    broken = (broken << 1) | (roles >> breakShift);
    if ((broken & lastWords) === 0 && runFrom === size)
      runFrom = runBegin(bytes, from + 4 * (index + 1 - wholeWords));
    if ((roles & (begins | ends)) === 0) continue;
    const place = from + 4 * index;
    atPair(bytes, text, place, found);
    atPair(bytes, text, place + 2, found);
  }
  for (at = from + 4 * count; at + 1 < size; at += 2) atPair(bytes, text, at, found);
  return { places: found.places ?? none, runFrom };
}

/** Where the run around these words begins; the size where it is too short. */
function runBegin(bytes: Uint8Array, at: number): number {
  let from = at;
  while (from > 0 && !isBreak(bytes[from - 1] as number)) from--;
  let to = at + 4 * wholeWords;
  while (to < bytes.length && to - from < leastRun && !isBreak(bytes[to] as number)) to++;
  return to - from < leastRun ? bytes.length : from;
}

/** What the pair at `at` is part of. */
function atPair(bytes: Uint8Array, text: string, at: number, found: Found): void {
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  const role = pairs[first | (second << 8)] as number;
  if ((role & ends) !== 0 && at > 0) {
    const list = lists[threeOf(bytes[at - 1] as number, first, second)] as number;
    if (list > 0 && allows(list, bytes[at + 2])) confirm(text, at - 1, rowsOf[list], found);
  }
  if ((role & begins) !== 0 && at + 2 < bytes.length) {
    const list = lists[threeOf(first, second, bytes[at + 2] as number)] as number;
    if (list > 0 && allows(list, bytes[at + 3])) confirm(text, at, rowsOf[list], found);
  }
}

const allows = (list: number, next: number | undefined): boolean =>
  ((nexts[list] as number) & (1 << ((next ?? 0) & 31))) !== 0;

function confirm(text: string, at: number, list: readonly Row[] | undefined, found: Found): void {
  for (const { before, word } of list ?? []) {
    const begin = at - before;
    if (begin < 0) continue;
    if (word !== undefined) {
      word.lastIndex = begin;
      if (!word.test(text)) continue;
    }
    found.places ??= [];
    found.places.push(2 * begin + (word === undefined ? 1 : 0));
  }
}
