/**
 * A query as two conditions over the columns of a volume: `upper` holds wherever the query does, `lower` nowhere else. Where both are the
 * same, SQLite alone decides; the records between the two are looked at. Rows that are `odd` (columns.ts) are always looked at, so neither
 * has to think of them.
 */
import { type Source, sourceOf } from '../../query/sources.ts';
import type { ExistsTest, NumberTest, Pattern, Query, TextTest } from '../../query/tree.ts';
import type { Integer } from '../../record/record.ts';
import {
  columnOf,
  type IntegerColumn,
  integerColumns,
  type TextColumn,
  textColumns,
} from '../store/columns.ts';
import { pattern as patternIn, tagPattern } from './patterns.ts';
import {
  type Approximation,
  all,
  any,
  type Condition,
  condition,
  exactly,
  negation,
} from './sql.ts';
import { timeCondition } from './time-condition.ts';

/** Nothing is known. */
const anything: Approximation = { upper: true, lower: false };

export function approximate(query: Query): Approximation {
  switch (query.kind) {
    case 'everything':
      return exactly(true);
    case 'and':
    case 'or': {
      const join = query.kind === 'and' ? all : any;
      const terms = query.terms.map(approximate);
      const upper = join(terms.map((term) => term.upper));
      const isExact = terms.every((term) => term.upper === term.lower);
      return isExact ? exactly(upper) : { upper, lower: join(terms.map((term) => term.lower)) };
    }
    case 'not': {
      const { upper, lower } = approximate(query.term);
      if (upper === lower) return exactly(negation(upper));
      return { upper: negation(lower), lower: negation(upper) };
    }
    case 'word':
      return wordTest(query.pattern);
    case 'text':
      return textTest(query);
    case 'exists':
      return existsTest(query);
    case 'number':
      return numberTest(query);
    case 'number-range': {
      const { field, from, to } = query;
      const ends: NumberTest[] = [];
      if (from !== undefined) ends.push({ kind: 'number', field, operator: '>=', value: from });
      if (to !== undefined) ends.push({ kind: 'number', field, operator: '<=', value: to });
      return approximate(
        ends.length === 1 && ends[0] !== undefined
          ? ends[0]
          : ends.length === 0
            ? { kind: 'everything' }
            : { kind: 'and', terms: ends },
      );
    }
    case 'time':
      return query.field === 'timestamp' ? timeCondition(query.operator, query.instant) : anything;
    case 'time-range': {
      if (query.field !== 'timestamp') return anything;
      const from = query.from && timeCondition('>=', query.from);
      const before = query.before && timeCondition('<', query.before);
      const ends = [from, before].filter((end) => end !== undefined);
      const upper = all(ends.map((end) => end.upper));
      const isExact = ends.every((end) => end.upper === end.lower);
      return isExact ? exactly(upper) : { upper, lower: all(ends.map((end) => end.lower)) };
    }
    case 'flag':
    case 'address':
      return anything;
  }
  return query satisfies never;
}

const isTextColumn = (name: string): name is TextColumn =>
  (textColumns as readonly string[]).includes(name);

const isIntegerColumn = (name: string): name is IntegerColumn =>
  (integerColumns as readonly string[]).includes(name);

/** Where free text is looked for, besides tags and payloads (query/compile-text.ts). */
const wordColumns = ['path', 'raw_path', 'api_name', 'user_agent', 'alias'] as const;

function wordTest(pattern: Pattern): Approximation {
  const texts = [
    ...wordColumns.map((column) => patternIn(column, pattern, true)),
    tagPattern(pattern, true),
  ];
  const lower = any(texts.map((each) => each.lower));
  return { upper: any([inPayload(pattern), ...texts.map((each) => each.upper)]), lower };
}

function textTest({ field, pattern, ignoresCase }: TextTest): Approximation {
  if (isTextColumn(field)) return patternIn(columnOf(field), pattern, ignoresCase);
  if (field === 'tags') return tagPattern(pattern, ignoresCase);
  const source = sourceOf(field);
  if (source.kind === 'body') return { upper: inPayload(pattern), lower: false };
  if (source.kind === 'header')
    return { upper: inPayload([`${source.header}:`, ...pattern]), lower: false };
  return anything;
}

/** Where all parts may be in one message or another. */
function inPayload(parts: Pattern): Condition {
  const needles = parts.map((part) => Buffer.from(part)).filter(({ length }) => length >= 3);
  // The two lists: blocks that may have them, and groups of which nothing is known (read/blocks.ts).
  return needles.length === 0
    ? true
    : condition(
        '(row >> 5 IN (SELECT value FROM json_each(?)) OR row >> 10 IN (SELECT value FROM json_each(?)))',
        { needles },
        { needles: [] },
      );
}

function existsTest({ field }: ExistsTest): Approximation {
  if (isTextColumn(field)) return exactly(condition(`${columnOf(field)} <> ''`));
  if (isIntegerColumn(field)) return exactly(condition(`${columnOf(field)} <> 0`));
  if (field === 'tags') return exactly(condition(`tags <> ''`));
  if (field === 'timestamp') return exactly(condition('time >= 1000000'));
  const source: Source = sourceOf(field);
  return source.kind === 'header'
    ? { upper: inPayload([`${source.header}:`]), lower: false }
    : anything;
}

function numberTest({ field, operator, value }: NumberTest): Approximation {
  return isIntegerColumn(field)
    ? exactly(condition(`${columnOf(field)} ${operator} ?`, bindable(value)))
    : anything;
}

const largest = 2n ** 63n - 1n;

/** A number that no column can have is beyond all of them as a float, too. */
function bindable(value: Integer): Integer {
  return typeof value === 'bigint' && (value > largest || value < -largest - 1n)
    ? Number(value)
    : value;
}
