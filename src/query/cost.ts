import { type Source, sourceOf } from './sources.ts';
import type { Query } from './tree.ts';

/** About what a test costs beside others, so that `and` and `or` begin with the cheapest. */
export function costOf(query: Query): number {
  switch (query.kind) {
    case 'everything':
      return 0;
    case 'and':
    case 'or':
      return query.terms.reduce((sum, term) => sum + costOf(term), 0);
    case 'not':
      return costOf(query.term);
    case 'flag':
    case 'number':
    case 'number-range':
      return 1;
    case 'time':
    case 'time-range':
      return 4;
    case 'address':
      return 8;
    case 'word':
      return 1000;
    case 'text':
    case 'exists':
      return costOfSource(sourceOf(query.field));
  }
  return query satisfies never;
}

function costOfSource({ kind }: Source): number {
  switch (kind) {
    case 'flag':
    case 'int32':
    case 'int64':
    case 'float':
      return 1;
    case 'text':
      return 3;
    case 'time':
      return 4;
    case 'list':
      return 10;
    case 'names':
    case 'types':
    case 'errors':
      return 20;
    case 'header':
      return 300;
    case 'body':
      return 400;
  }
  return kind satisfies never;
}
