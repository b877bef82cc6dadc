import type { Millis } from '../lib/units.ts';
import { foundIn, type QueryProblem } from './problem.ts';
import type { Pattern } from './tree.ts';

/** A place in the text of a query, and what was wrong up to there. */
export interface Reader {
  readonly text: string;
  at: number;
  readonly problems: QueryProblem[];
  /** What `last` counts from; undefined where nobody looks back. */
  readonly now: Millis | undefined;
}

/** What stands behind an operator, or by itself. */
export interface Value {
  readonly at: number;
  readonly end: number;
  /** Cut at the stars that stand for anything. */
  readonly pattern: Pattern;
  /** Whether nothing of it is quoted or escaped. */
  readonly isBare: boolean;
}

/** More of them say nothing new; finding out what was meant costs. */
const mostProblems = 20;

/** Notes what is wrong. With the last that is told, reading is over. */
export function complain(reader: Reader, at: number, end: number, expected: string): void {
  const { text, problems } = reader;
  if (problems.length < mostProblems)
    problems.push({ at, found: foundIn(text, at, end), expected });
  if (problems.length === mostProblems) reader.at = text.length;
}

export function skipSpace(reader: Reader): void {
  reader.at = endOf(space, reader);
}

/** What the sticky expression finds at this place; it is stepped over. */
export function take(reader: Reader, expression: RegExp): RegExpExecArray | undefined {
  expression.lastIndex = reader.at;
  const found = expression.exec(reader.text);
  if (found === null) return undefined;
  reader.at = expression.lastIndex;
  return found;
}

const space = /\s*/y;
const plain = /[^\s()|"*\\]+/y;
const withinQuotes = /[^"\\]*/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * A value: runs of plain characters, of quoted text and of stars, side by side up to the next space, parenthesis or bar.
 * Empty where one of these stands at once.
 */
export function readValue(reader: Reader): Value {
  const { text, at } = reader;
  const pattern: string[] = [];
  let part = '';
  let isBare = true;
  for (;;) {
    part += take(reader, plain)?.[0] ?? '';
    const next = text[reader.at];
    if (next === '*') {
      reader.at++;
      // A star beside a star says the same.
      if (part !== '' || pattern.length === 0) pattern.push(part);
      part = '';
    } else if (next === '"') {
      isBare = false;
      part += readQuoted(reader);
    } else if (next === '\\') {
      isBare = false;
      part += readEscape(reader);
    } else break;
  }
  return { at, end: reader.at, pattern: [...pattern, part], isBare };
}

function readQuoted(reader: Reader): string {
  const opening = reader.at++;
  let text = '';
  for (;;) {
    text += take(reader, withinQuotes)?.[0] ?? '';
    if (reader.at >= reader.text.length) {
      complain(reader, opening, opening + 1, 'a quote that closes this one');
      return text;
    }
    if (reader.text[reader.at] === '"') {
      reader.at++;
      return text;
    }
    text += readEscape(reader);
  }
}

const escape = /\\(?:u\{([0-9a-f]{1,6})\}|([^]))/iy;

/** A backslash and what it escapes: `\n`, `\r`, `\t`, `\u{…}`, or any other character, which is then itself. */
function readEscape(reader: Reader): string {
  const { at } = reader;
  const [, number, character] = take(reader, escape) ?? [];
  if (number !== undefined) {
    const point = Number.parseInt(number, 16);
    if (point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff))
      return String.fromCodePoint(point);
    complain(reader, at, reader.at, 'the number of a Unicode character');
  } else if (character === undefined) {
    reader.at = reader.text.length;
    complain(reader, reader.at, reader.at, 'a character behind the backslash');
  } else if (character !== 'u') return escapes[character] ?? character;
  else complain(reader, at, at + 2, 'the number of a Unicode character in braces, such as \\u{e9}');
  return '';
}

function endOf(expression: RegExp, { text, at }: Reader): number {
  expression.lastIndex = at;
  expression.exec(text);
  return Math.max(at, expression.lastIndex);
}
