import { addressText } from './address.ts';
import type { Instant, Pattern, Query, Test } from './tree.ts';

/** The text of a query: `parseQuery` makes the same tree of it. */
export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'everything':
      return '*';
    case 'and':
      return query.terms.map(printTerm).join(' ');
    case 'or':
      return query.terms.map(printTerm).join(' or ');
    case 'not':
      return `-${printTerm(query.term)}`;
    default:
      return printTest(query);
  }
}

const printTerm = (query: Query): string =>
  query.kind === 'and' || query.kind === 'or' ? `(${printQuery(query)})` : printQuery(query);

function printTest(test: Test): string {
  switch (test.kind) {
    case 'word':
      return patternText(test.pattern, /^[a-z0-9_]+$/i);
    case 'text': {
      // An address that is not quoted is no text.
      const plain = test.field === 'ip_address' ? never : /^[a-z0-9_./-]+$/i;
      return `${test.field}${test.ignoresCase ? ':' : '='}${patternText(test.pattern, plain)}`;
    }
    case 'exists':
      return `${test.field}:*`;
    case 'flag':
      return `${test.field}:${test.value}`;
    case 'number':
      return `${test.field}${test.operator === '=' ? ':' : test.operator}${test.value}`;
    case 'number-range':
      return `${test.field}:${test.from ?? ''}..${test.to ?? ''}`;
    case 'time':
      return `${test.field}${test.operator}${instantText(test.instant)}`;
    case 'time-range':
      return `${test.field}:${timeEnd(test.from)}..${timeEnd(lastBefore(test.before))}`;
    case 'address':
      return `${test.field}:${addressText(test)}`;
  }
  return test satisfies never;
}

const never = /[]/;

/** A part in quotes wherever it is not plain, or would be a word of the language. */
const patternText = (pattern: Pattern, plain: RegExp): string =>
  pattern
    .map((part) => {
      if (part === '' && pattern.length > 1) return '';
      return plain.test(part) && !words.test(part) ? part : quoted(part);
    })
    .join('*');

const words = /^(?:and|or|not)$/i;

const quoted = (text: string): string =>
  `"${text
    .replace(/["\\]/g, '\\$&')
    .replace(/[\p{C}\p{Z}]/gu, (each) =>
      each === ' ' ? each : `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`,
    )}"`;

const timeEnd = (instant: Instant | undefined): string =>
  instant === undefined ? '' : instantText(instant);

const lastBefore = (before: Instant | undefined): Instant | undefined =>
  before === undefined || before.nanos > 0
    ? before && { seconds: before.seconds, nanos: before.nanos - 1 }
    : { seconds: before.seconds - 1, nanos: 999_999_999 };

/** With nine digits, which name a single nanosecond. */
function instantText({ seconds, nanos }: Instant): string {
  const whole = new Date(1000 * seconds).toISOString().slice(0, 19);
  return `${whole}.${String(nanos).padStart(9, '0')}Z`;
}
