import { compileQuery } from '../../query/compile.ts';
import type { Query } from '../../query/tree.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { searchedMessage } from '../message.ts';
import { approximate } from '../query/approximate.ts';
import { type Value, whereOf } from '../query/sql.ts';
import { timeCondition } from '../query/time-condition.ts';

/** Half open, in microseconds. */
export interface TimeRange {
  readonly from: number;
  readonly before: number;
}

/** A query as volumes are asked it. */
export interface Asked {
  /** No call outside is one of it. */
  readonly range: TimeRange;
  /** Rows that may be of it. */
  readonly may: { readonly text: string; readonly values: readonly Value[] };
  /** Whether a row is surely of it; others have to be looked at. */
  readonly sure: { readonly text: string; readonly values: readonly Value[] };
  readonly selects: (record: AnalyticsRecord) => boolean;
}

export function ask(query: Query): Asked {
  const { upper, lower } = approximate(query);
  const [may, sure] = [whereOf(upper), whereOf(lower)];
  return {
    range: rangeOf(query),
    may: { text: `(odd = 1 OR ${may.text})`, values: may.values },
    sure: { text: `(odd = 0 AND ${sure.text})`, values: sure.values },
    selects: compileQuery(query, searchedMessage),
  };
}

const always: TimeRange = { from: -9e15, before: 9e15 };

/** What the terms that all have to hold leave of time. */
function rangeOf(query: Query): TimeRange {
  if (query.kind === 'and') {
    const ranges = query.terms.map(rangeOf);
    return {
      from: Math.max(...ranges.map(({ from }) => from)),
      before: Math.min(...ranges.map(({ before }) => before)),
    };
  }
  if (query.kind === 'time' && query.field === 'timestamp') {
    if (timeCondition(query.operator, query.instant).upper === true) return always;
    const micros = query.instant.seconds * 1e6 + Math.floor(query.instant.nanos / 1000);
    return query.operator === '<' || query.operator === '<='
      ? { ...always, before: micros + 1 }
      : { ...always, from: micros };
  }
  if (query.kind === 'time-range' && query.field === 'timestamp') {
    const { field, from, before } = query;
    return rangeOf({
      kind: 'and',
      terms: [
        ...(from === undefined
          ? []
          : [{ kind: 'time' as const, field, operator: '>=' as const, instant: from }]),
        ...(before === undefined
          ? []
          : [{ kind: 'time' as const, field, operator: '<' as const, instant: before }]),
        { kind: 'everything' },
      ],
    });
  }
  return always;
}
