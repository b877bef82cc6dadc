import { ContractError } from '../lib/errors.ts';
import { integerReader } from '../record/memo/readers.ts';
import type { AnalyticsRecord, Integer } from '../record/record.ts';
import { type SpannedRecord, spanned } from '../record/span.ts';
import { alternativesIn } from './alternatives.ts';
import { compileAddress } from './compile-address.ts';
import { compileExists, compileText, compileWord } from './compile-text.ts';
import { compileTime, compileTimeRange } from './compile-time.ts';
import { costOf } from './cost.ts';
import type { Holds } from './holds.ts';
import { createPayloads, type Payloads, type ReadMessage, recordedMessage } from './payloads.ts';
import { sourceOf } from './sources.ts';
import type { NumberField, NumberRangeTest, NumberTest, Query } from './tree.ts';

export type Selects = (record: AnalyticsRecord) => boolean;

/**
 * The query as a function of a record's bytes; texts are compared where they lie. The cheapest tests come first. `read` gives what
 * tests of payloads look into: left out, messages as they were recorded.
 */
export function compileQuery(query: Query, read: ReadMessage = recordedMessage): Selects {
  const payloads = createPayloads(read);
  const holds = compile(query, payloads);
  return (record) => {
    const result = holds(spanned(record));
    payloads.forget();
    return result;
  };
}

function compile(query: Query, payloads: Payloads): Holds {
  switch (query.kind) {
    case 'everything':
      return () => true;
    case 'and':
    case 'or':
      return compileTerms(query.terms, query.kind === 'or', payloads);
    case 'not': {
      const holds = compile(query.term, payloads);
      return (record) => !holds(record);
    }
    case 'word':
      return compileWord(query, payloads);
    case 'text':
      return compileText(query, payloads);
    case 'exists':
      return compileExists(query, payloads);
    case 'flag': {
      const { field, value } = query;
      return (record) => record.flag(field) === value;
    }
    case 'number':
      return compileNumber(query);
    case 'number-range':
      return compileRange(query);
    case 'time':
      return compileTime(query);
    case 'time-range':
      return compileTimeRange(query);
    case 'address':
      return compileAddress(query);
  }
  return query satisfies never;
}

/** `and` is over with the first that fails, `or` with the first that holds. */
function compileTerms(terms: readonly Query[], wanted: boolean, payloads: Payloads): Holds {
  const { together, left } = wanted ? alternativesIn(terms) : { together: [], left: terms };
  const inOrder = [...left].sort((one, other) => costOf(one) - costOf(other));
  const all = [...together, ...inOrder.map((term) => compile(term, payloads))];
  const [first, second] = all;
  // Calls that are written out cost half of those in a loop.
  if (first !== undefined && second !== undefined && all.length === 2)
    return wanted
      ? (record) => first(record) || second(record)
      : (record) => first(record) && second(record);
  return (record) => {
    for (const holds of all) if (holds(record) === wanted) return wanted;
    return !wanted;
  };
}

function compileNumber({ field, operator, value }: NumberTest): Holds {
  const read = numberReader(field);
  // A bigint and a number are compared exactly by these, and by no `===`.
  switch (operator) {
    case '=':
      return compileRange({ kind: 'number-range', field, from: value, to: value });
    case '<':
      return (record) => read(record) < value;
    case '<=':
      return (record) => read(record) <= value;
    case '>':
      return (record) => read(record) > value;
    case '>=':
      return (record) => read(record) >= value;
  }
  return operator satisfies never;
}

function compileRange({ field, from, to }: NumberRangeTest): Holds {
  const read = numberReader(field);
  const [least, most] = [from ?? Number.NEGATIVE_INFINITY, to ?? Number.POSITIVE_INFINITY];
  return (record) => {
    const value = read(record);
    return value >= least && value <= most;
  };
}

function numberReader(field: NumberField): (record: SpannedRecord) => Integer {
  const source = sourceOf(field);
  if (source.kind === 'float') return (record) => record.float(source.name);
  if (source.kind === 'int32' || source.kind === 'int64') return integerReader(source.name);
  throw new ContractError('a number of a query is a field with numbers');
}
