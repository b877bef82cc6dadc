/**
 * Text → query, by the grammar of docs/query.md. One function a rule. What is wrong is noted with its place, and reading
 * goes on, so that one look tells all of it; a tree with problems is thrown away.
 */
import type { Millis } from '../lib/units.ts';
import { namesLike, type Subject, subjectsOf } from './names.ts';
import type { QueryProblem } from './problem.ts';
import { complain, type Reader, readValue, skipSpace, take } from './reader.ts';
import { isPayloadPart, sourceOf } from './sources.ts';
import { allOf, everything, negated, oneOf } from './terms.ts';
import { type Operator, testOf, wordOf } from './tests.ts';
import type { Query } from './tree.ts';

export type ParsedQuery =
  | { readonly ok: true; readonly query: Query }
  | { readonly ok: false; readonly problems: readonly QueryProblem[] };

/** Whoever asks may be a stranger: what a query costs to read, and for each record, has bounds. */
export const queryBounds = {
  /** UTF-16 units. */
  length: 65_536,
  /** Parentheses and negations within each other. */
  depth: 50,
  tests: 2_000,
  /** Tests that look into payloads: free text, headers and bodies. */
  payloadTests: 32,
} as const;

/** `now` is what `last:15m` counts from; without it there is no `last`. */
export function parseQuery(text: string, now?: Millis): ParsedQuery {
  const reader: QueryReader = { text, at: 0, problems: [], tests: 0, payloadTests: 0, now };
  const query = readAll(reader);
  const problems = [...reader.problems].sort((one, other) => one.at - other.at);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, query };
}

interface QueryReader extends Reader {
  tests: number;
  payloadTests: number;
}

/** Reads what stands where a term may: a whole one, or, in `field:(…)`, one of its values. */
type ReadLeaf = (reader: QueryReader, depth: number) => Query;

function readAll(reader: QueryReader): Query {
  const { text } = reader;
  if (text.length > queryBounds.length) {
    complain(reader, queryBounds.length, text.length, `at most ${queryBounds.length} characters`);
    return everything;
  }
  const lone = /\p{Cs}/u.exec(text);
  if (lone !== null) complain(reader, lone.index, lone.index + 1, 'a whole character');
  skipSpace(reader);
  if (reader.at === text.length) return everything;
  const terms = [readOr(reader, 0, readTerm)];
  while (reader.at < text.length) {
    complain(reader, reader.at, reader.at + 1, 'a parenthesis that this one closes');
    reader.at++;
    skipSpace(reader);
    if (reader.at < text.length) terms.push(readOr(reader, 0, readTerm));
  }
  return allOf(terms);
}

const orWord = /\|\|?|or(?=[\s()|]|$)/iy;
const andWord = /&&?(?=[\s()|]|$)|and(?=[\s()|]|$)/iy;
const notWord = /[-!]|not(?=[\s()|]|$)/iy;

function readOr(reader: QueryReader, depth: number, leaf: ReadLeaf): Query {
  const terms = [readAnd(reader, depth, leaf)];
  while (take(reader, orWord) !== undefined) terms.push(readAnd(reader, depth, leaf));
  return oneOf(terms);
}

/** Ends before a closing parenthesis, an `or`, or at the end. */
function readAnd(reader: QueryReader, depth: number, leaf: ReadLeaf): Query {
  const terms: Query[] = [];
  for (let isWanted = true; ; ) {
    skipSpace(reader);
    if (isAtEnd(reader)) {
      if (isWanted) complain(reader, reader.at, reader.at + 1, wantedTerm);
      return allOf(terms);
    }
    terms.push(readNot(reader, depth, leaf));
    skipSpace(reader);
    isWanted = take(reader, andWord) !== undefined;
  }
}

const wantedTerm = 'a term, such as status:5xx or "text"';
const ending = /\)|\||or(?=[\s()|]|$)|$/iy;

function isAtEnd({ text, at }: Reader): boolean {
  ending.lastIndex = at;
  return at >= text.length || ending.test(text);
}

function readNot(reader: QueryReader, depth: number, leaf: ReadLeaf): Query {
  if (depth > queryBounds.depth) {
    complain(reader, reader.at, reader.at + 1, `at most ${queryBounds.depth} levels`);
    reader.at = reader.text.length;
    return everything;
  }
  const { at } = reader;
  const sign = take(reader, notWord)?.[0];
  if (sign === undefined) return readPrimary(reader, depth, leaf);
  const from = reader.at;
  skipSpace(reader);
  if (sign.length === 1 && reader.at > from) {
    complain(reader, at, reader.at, `a term right behind the ${sign}`);
  } else if (isAtEnd(reader)) complain(reader, reader.at, reader.at + 1, wantedTerm);
  return isAtEnd(reader) ? everything : negated(readNot(reader, depth + 1, leaf));
}

function readPrimary(reader: QueryReader, depth: number, leaf: ReadLeaf): Query {
  if (reader.text[reader.at] !== '(') {
    const query = leaf(reader, depth);
    if (reader.text[reader.at] === '(')
      complain(reader, reader.at, reader.at + 1, 'a space before it, or quotes around the text');
    return query;
  }
  const opening = reader.at++;
  const query = readOr(reader, depth + 1, leaf);
  if (reader.text[reader.at] === ')') reader.at++;
  else complain(reader, opening, opening + 1, 'a parenthesis that closes this one');
  return query;
}

const named = /([a-z_][\w.-]*)(:(?:[<>]=?|=)?|!=|[<>]=?|=)/iy;
const operatorAlone = /[:=<>]+/y;

function readTerm(reader: QueryReader, depth: number): Query {
  const { at } = reader;
  const [, name, written] = take(reader, named) ?? [];
  if (name === undefined || written === undefined) return readWord(reader);
  const subjects = subjectsOf(name);
  if (subjects === undefined) complain(reader, at, at + name.length, knownName(name));
  const isNegated = written === '!=';
  const operator = operatorOf(written);
  const query = readValues(reader, depth, subjects ?? [], operator);
  return isNegated ? negated(query) : query;
}

function operatorOf(written: string): Operator {
  const operator = written.length > 1 ? written.replace(/^[:!]/, '') : written;
  return operator as Operator;
}

function knownName(name: string): string {
  const like = namesLike(name);
  return like.length === 0
    ? 'the name of a field (docs/query.md), or quotes around a text'
    : `the name of a field, perhaps ${like.join(' or ')}; or quotes around a text`;
}

function readValues(
  reader: QueryReader,
  depth: number,
  subjects: readonly Subject[],
  operator: Operator,
): Query {
  const one = (comparison: Operator): Query => {
    const value = readValue(reader);
    if (value.end > value.at) {
      return oneOf(
        subjects.map((subject) => counted(reader, testOf(reader, subject, comparison, value))),
      );
    }
    complain(reader, value.at, value.at + 1, `a value right behind the ${comparison}`);
    return everything;
  };
  if (reader.text[reader.at] !== '(' || (operator !== ':' && operator !== '='))
    return one(operator);
  return readPrimary(reader, depth, () => {
    const comparison = take(reader, /[<>]=?|=/y)?.[0] as Operator | undefined;
    return one(comparison ?? operator);
  });
}

function readWord(reader: QueryReader): Query {
  const { at } = reader;
  if (take(reader, operatorAlone) !== undefined) {
    complain(reader, at, reader.at, 'a name before it, without a space, as in latency>200ms');
    return everything;
  }
  return counted(reader, wordOf(readValue(reader).pattern));
}

/** Notes the first test that is one too many. */
function counted(reader: QueryReader, query: Query): Query {
  reader.tests++;
  if (looksIntoPayloads(query)) reader.payloadTests++;
  const { at } = reader;
  const { tests, payloadTests } = queryBounds;
  if (reader.tests === tests + 1) complain(reader, at, at, `at most ${tests} tests`);
  if (looksIntoPayloads(query) && reader.payloadTests === payloadTests + 1)
    complain(reader, at, at, `at most ${payloadTests} of free text, headers and bodies`);
  return query;
}

function looksIntoPayloads(query: Query): boolean {
  if (query.kind === 'word') return true;
  return (query.kind === 'text' || query.kind === 'exists') && isPayloadPart(sourceOf(query.field));
}
