import { isBreak } from '../base64-letters.ts';

/**
 * Where the name of a secret or a token of a known shape may stand, by three letters of each, and the tables by which a look
 * finds them (look.ts, scanner.as.ts): by two letters, by three, and by what follows.
 */
export interface Row {
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

/** A part of every name that names.ts knows, and of every token that tokens.ts knows (look.test.ts shows that). */
// biome-ignore format: a table
export const rows: readonly Row[] = [
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
  ...['=', ':', '"', "'", '>', ' ', ']'].map((sign) => name(`pw${sign}`, '', /pw[^a-z]/iy)),
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
export const pairs = new Uint8Array(1 << 16);
export const begins = 1;
export const ends = 2;
/** One of both is no letter of base64: the highest of the bits. */
export const breakShift = 2;
const breaks = 1 << breakShift;
/** By three letters, five bits of each: which list of rows. */
export const lists = new Uint8Array(1 << 15);
/** The lists. The first one is empty. */
export const rowsOf: Row[][] = [[]];

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
export const nexts = Int32Array.from(rowsOf, (list) =>
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

export function threeOf(first: number, second: number, third: number): number {
  return ((first & 31) << 10) | ((second & 31) << 5) | (third & 31);
}
