import { addressTestOf } from './address.ts';
import type { Subject, Unit } from './names.ts';
import { readNumber, readStatusClass } from './number.ts';
import { complain, type Reader, type Value } from './reader.ts';
import { everything } from './terms.ts';
import { readPeriod } from './time.ts';
import type { Comparison, Instant, Pattern, Query } from './tree.ts';

/** `:` and `=` differ for texts alone: `:` ignores the case of A to Z. */
export type Operator = Comparison | ':' | '=';

/** Free text: contained anywhere. */
export function wordOf(pattern: Pattern): Query {
  const around = contained(pattern);
  return around.every((part) => part === '') ? everything : { kind: 'word', pattern: around };
}

/** The test of one field against one value; what is wrong with that is noted. */
export function testOf(reader: Reader, subject: Subject, operator: Operator, value: Value): Query {
  const isOfField = subject.kind !== 'direction' && subject.kind !== 'age';
  if (isOfField && isLoneStar(value.pattern) && isEquality(operator))
    return { kind: 'exists', field: subject.field };
  const query = isOfField
    ? valueTestOf(subject, operator, value)
    : specialTestOf(reader, subject, operator, textOf(value));
  if (typeof query !== 'string') return query;
  complain(reader, value.at, value.end, query);
  return everything;
}

/** The test, or what was expected in place of the value. */
function valueTestOf(subject: FieldSubject, operator: Operator, value: Value): Query | string {
  switch (subject.kind) {
    case 'text':
    case 'payload':
      return textTestOf(subject, operator, value);
    case 'address':
      return networkTestOf(subject, operator, value);
    case 'number':
      return numberTestOf(subject, operator, textOf(value));
    case 'time':
      return timeTestOf(subject, operator, textOf(value));
    case 'flag': {
      const flag = flags.get(textOf(value).toLowerCase());
      return flag === undefined || !isEquality(operator)
        ? 'true or false behind : or ='
        : { kind: 'flag', field: subject.field, value: flag };
    }
  }
  return subject satisfies never;
}

type SpecialSubject = Extract<Subject, { readonly kind: 'direction' | 'age' }>;
type FieldSubject = Exclude<Subject, SpecialSubject>;

/** What no field is called: a tag of captured calls, and a time that counts from now. */
function specialTestOf(
  { now }: Reader,
  { kind }: SpecialSubject,
  operator: Operator,
  text: string,
): Query | string {
  if (kind === 'direction') {
    const direction = text.toLowerCase();
    if (!/^(?:in|out|\*)$/.test(direction) || !isEquality(operator))
      return 'in or out behind : or =';
    const pattern = direction === '*' ? [directionTag, ''] : [`${directionTag}${direction}`];
    return { kind: 'text', field: 'tags', pattern, ignoresCase: false };
  }
  if (now === undefined) return 'timestamp>… with a time, for nothing here is asked once and now';
  const age = readNumber(text, 'milliseconds');
  if (age === undefined || age < 0 || !isEquality(operator))
    return 'a duration such as 15m or 2h behind : or =';
  const since = Math.floor(now - Math.min(Number(age), now));
  const from = { seconds: Math.floor(since / 1000), nanos: (since % 1000) * 1_000_000 };
  return { kind: 'time-range', field: 'timestamp', from };
}

/** Of captured records (docs/capture.md); before `in` or `out`. */
const directionTag = 'cap-dir-';

const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

type TextSubject = Extract<Subject, { readonly kind: 'text' | 'payload' | 'address' }>;

function textTestOf(
  { field }: TextSubject,
  operator: Operator,
  { pattern }: Value,
): Query | string {
  if (!isEquality(operator)) return `: or = before the value, because ${field} is no number`;
  const isWithin = field === 'body' || field === 'response.body';
  return {
    kind: 'text',
    field,
    pattern: isWithin ? contained(pattern) : pattern,
    ignoresCase: operator === ':',
  };
}

/** An address that is quoted, or has a star, is a text as any other. */
function networkTestOf(subject: TextSubject, operator: Operator, value: Value): Query | string {
  const [text = '', ...others] = value.pattern;
  if (!value.isBare || others.length > 0 || !isEquality(operator))
    return textTestOf(subject, operator, value);
  return (
    addressTestOf(text) ?? 'an address, a network such as 10.0.0.0/8, or a text in quotes or with *'
  );
}

const numberWords: Readonly<Record<Unit, string>> = {
  milliseconds: 'a duration such as 200ms or 1.5s (without a unit: milliseconds)',
  bytes: 'a size such as 512KiB or 1MB (without a unit: bytes)',
  status: 'a number such as 404, or a class such as 5xx',
  none: 'a number',
};

function numberTestOf(
  { field, unit }: Extract<Subject, { readonly kind: 'number' }>,
  operator: Operator,
  text: string,
): Query | string {
  const expected = `${numberWords[unit]}${isEquality(operator) ? ', or a range such as 200..299' : ''}`;
  if (isEquality(operator)) {
    const among = unit === 'status' ? readStatusClass(text) : undefined;
    if (among !== undefined) return { kind: 'number-range', field, ...among };
    const ends = endsOf(text, (end) => readNumber(end, unit));
    if (ends !== undefined) {
      const { from, to } = ends;
      if (from !== undefined && to !== undefined && from > to) return 'the lower number first';
      return { kind: 'number-range', field, ...ends };
    }
  }
  const value = readNumber(text, unit);
  if (value === undefined) return expected;
  return { kind: 'number', field, operator: operator === ':' ? '=' : operator, value };
}

/** A time stands for all of the year, month, day, minute or second that it names; after `<` and `>` for its beginning. */
function timeTestOf(
  { field }: Extract<Subject, { readonly kind: 'time' }>,
  operator: Operator,
  text: string,
): Query | string {
  const expected = 'a time such as 2026-01-31 or 2026-01-31T12:30:00Z (without a zone: UTC)';
  if (!isEquality(operator)) {
    const period = readPeriod(text);
    return period === undefined
      ? expected
      : { kind: 'time', field, operator, instant: period.from };
  }
  const ends = endsOf(text, readPeriod) ?? sameEnds(readPeriod(text));
  if (ends === undefined) return expected;
  const from = ends.from?.from;
  const before = ends.to?.before;
  if (from !== undefined && before !== undefined && !isEarlier(from, before))
    return 'the earlier time first';
  return {
    kind: 'time-range',
    field,
    ...(from === undefined ? {} : { from }),
    ...(before === undefined ? {} : { before }),
  };
}

const isEarlier = (one: Instant, other: Instant): boolean =>
  one.seconds < other.seconds || (one.seconds === other.seconds && one.nanos < other.nanos);

interface Ends<T> {
  readonly from?: T;
  readonly to?: T;
}

const sameEnds = <T>(end: T | undefined): Ends<T> | undefined =>
  end === undefined ? undefined : { from: end, to: end };

/** Both ends of `a..b`; one may be missing. Undefined where this is no range. */
function endsOf<T>(text: string, read: (end: string) => T | undefined): Ends<T> | undefined {
  const cut = text.indexOf('..');
  if (cut < 0 || text === '..') return undefined;
  const [first, last] = [text.slice(0, cut), text.slice(cut + 2)];
  const from = read(first);
  const to = read(last);
  if ((from === undefined && first !== '') || (to === undefined && last !== '')) return undefined;
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Anywhere in a text. What is empty stays so: nothing is in an empty body. */
function contained(pattern: Pattern): Pattern {
  if (pattern.length === 1 && pattern[0] === '') return pattern;
  return [...(pattern[0] === '' ? [] : ['']), ...pattern, ...(pattern.at(-1) === '' ? [] : [''])];
}

const isEquality = (operator: Operator): operator is ':' | '=' =>
  operator === ':' || operator === '=';

const isLoneStar = (pattern: Pattern): boolean =>
  pattern.length > 1 && pattern.every((part) => part === '');

/** Where no star means anything, one is itself, and is then no number. */
const textOf = ({ pattern }: Value): string => pattern.join('*');
