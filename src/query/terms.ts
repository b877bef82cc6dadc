import type { Query } from './tree.ts';

/** Trees as tree.ts promises them: nothing of one kind directly within itself. */
export const everything: Query = { kind: 'everything' };

export const negated = (term: Query): Query => ({ kind: 'not', term });

export const allOf = (queries: readonly Query[]): Query => joined('and', queries);

export const oneOf = (queries: readonly Query[]): Query => joined('or', queries);

function joined(kind: 'and' | 'or', queries: readonly Query[]): Query {
  const terms = queries.flatMap((query) => (query.kind === kind ? query.terms : [query]));
  const [only = everything, ...others] = terms;
  return others.length === 0 ? only : { kind, terms };
}
