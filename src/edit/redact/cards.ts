/**
 * Numbers of payment cards: 13 to 19 digits, also in groups with a space, a dash or a plus between them, or of four digits
 * with dots, of a length and a beginning that cards have, whose check digit is right.
 */
const leastDigits = 13;
const mostDigits = 19;

export function cardsIn(
  text: string,
  isCut: boolean,
  found: (from: number, to: number) => void,
): void {
  const size = text.length;
  // Of thirteen places in a row each holds a digit or a separator: one of them that holds neither tells of all before it.
  for (let at = leastDigits - 1; at < size; ) {
    if (!isDigitOrSeparator(text.charCodeAt(at))) {
      at += leastDigits;
      continue;
    }
    let from = at;
    while (from > 0 && isDigitOrSeparator(text.charCodeAt(from - 1))) from--;
    let to = at + 1;
    while (to < size && isDigitOrSeparator(text.charCodeAt(to))) to++;
    if (to - from >= leastDigits) inRun(text, from, to, found);
    at = to + leastDigits;
  }
  if (isCut) cutCard(text, found);
}

/** Digits at the end of what has been cut off may be the beginning of a number. */
function cutCard(text: string, found: (from: number, to: number) => void): void {
  let from = text.length;
  while (from > 0 && isDigitOrSeparator(text.charCodeAt(from - 1))) from--;
  while (from < text.length && !isDigit(text.charCodeAt(from))) from++;
  const digits = text.slice(from).replaceAll(/[^0-9]/g, '');
  if (digits.length >= 8 && digits.length < mostDigits) found(from, text.length);
}

/** A run of digits and separators, as groups of digits. */
function inRun(
  text: string,
  from: number,
  to: number,
  found: (from: number, to: number) => void,
): void {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = from; at < to; ) {
    if (!isDigit(text.charCodeAt(at))) {
      at++;
      continue;
    }
    let end = at + 1;
    while (end < to && isDigit(text.charCodeAt(end))) end++;
    starts.push(at);
    ends.push(end);
    at = end;
  }
  for (let first = 0; first < starts.length; ) {
    const last = lastGroup(text, starts, ends, first);
    if (last < 0) first++;
    else {
      const end = ends[last] as number;
      found(starts[first] as number, first === last ? end + zeros(text, end) : end);
      first = last + 1;
    }
  }
}

/** The last of the groups that make a number with the first one; −1 where there is none. The longest one counts. */
function lastGroup(
  text: string,
  starts: readonly number[],
  ends: readonly number[],
  first: number,
): number {
  const from = starts[first] as number;
  let digits = 0;
  let last = -1;
  for (let group = first; group < starts.length; group++) {
    const start = starts[group] as number;
    const end = ends[group] as number;
    if (group > first && start - (ends[group - 1] as number) > 2) break;
    if (group > first && end - start < 2) break;
    if (group > first && text[start - 1] === '.' && !isFour(text, from, start)) break;
    digits += end - start;
    if (digits > mostDigits) break;
    if (digits < leastDigits) continue;
    if (group === first && isFraction(text, from, end)) continue;
    if (isCard(text, from, end, digits)) last = group;
  }
  return last;
}

/** Groups of four digits with dots between them, up to the one that begins at `to`: other dots are those of decimal numbers. */
const isFour = (text: string, from: number, to: number): boolean =>
  /^(?:\d{4}\.){1,4}$/.test(text.slice(from, to));

/** Part of a decimal number, but `.0`. */
const isFraction = (text: string, from: number, to: number): boolean =>
  (text[from - 1] === '.' && isDigit(text.charCodeAt(from - 2))) ||
  (text[to] === '.' && isDigit(text.charCodeAt(to + 1)) && zeros(text, to) === 0);

/** Length of `.0` or `.00`. */
function zeros(text: string, at: number): number {
  const fraction = /\.0{1,2}(?!\d)/y;
  fraction.lastIndex = at;
  return fraction.test(text) ? fraction.lastIndex - at : 0;
}

function isCard(text: string, from: number, to: number, digits: number): boolean {
  if (!hasBegin(text.slice(from, to).replaceAll(/[^0-9]/g, ''), digits)) return false;
  let sum = 0;
  let isDoubled = false;
  for (let at = to - 1; at >= from; at--) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) continue;
    const value = isDoubled ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

/** Beginnings of the schemes, with the lengths of their numbers. */
function hasBegin(number: string, digits: number): boolean {
  const two = Number(number.slice(0, 2));
  const four = Number(number.slice(0, 4));
  if (two >= 40 && two <= 49) return digits === 13 || digits >= 16;
  if (two === 34 || two === 37) return digits === 15;
  if (two === 30 || two === 36 || two === 38 || two === 39) return digits >= 14;
  if (two >= 51 && two <= 55) return digits === 16;
  if (four >= 2221 && four <= 2720) return digits === 16;
  if (two === 35) return digits >= 16;
  return two === 50 || (two >= 56 && two <= 69);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
/** A space that does not break is 0xa0, behind 0xc2 in UTF-8. */
const isDigitOrSeparator = (code: number): boolean =>
  isDigit(code) ||
  code === 0x20 ||
  code === 0x2d ||
  code === 0x2e ||
  code === 0x2b ||
  code === 0xa0 ||
  code === 0xc2;
