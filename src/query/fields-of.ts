import type { Query } from './tree.ts';

/** The names of fields, headers and bodies that a query looks at by name. */
export function fieldsOf(query: Query): ReadonlySet<string> {
  const names = new Set<string>();
  gather(query, names);
  return names;
}

function gather(query: Query, names: Set<string>): void {
  switch (query.kind) {
    case 'and':
    case 'or':
      for (const term of query.terms) gather(term, names);
      return;
    case 'not':
      gather(query.term, names);
      return;
    case 'everything':
    case 'word':
      return;
    default:
      names.add(query.field);
  }
}
