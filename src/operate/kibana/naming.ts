import type { DocumentFields } from './document-fields.ts';
import { fieldsIn, fieldsOf, type Panel, panels, type Search, searches } from './panels.ts';

/** What objects are made with. */
export interface ObjectsOptions {
  readonly fields: DocumentFields;
  /** Indices that the data view has: names and patterns, with commas between them. */
  readonly indices: string;
  /** Objects of two pumps lie side by side if their ids differ; empty: the usual ones. */
  readonly name: string;
}

/** `sluice-calls`: ids that stay, so that an import replaces what an earlier one has made, and nothing else. */
export const idOf = ({ name }: Pick<ObjectsOptions, 'name'>, what: string): string =>
  name === '' ? `sluice-${what}` : `sluice-${name}-${what}`;

export const titleOf = ({ name }: Pick<ObjectsOptions, 'name'>, title: string): string =>
  name === '' ? title : `${title} (${name})`;

export const nameOf = (fields: DocumentFields, field: string): string =>
  fields.of(field)?.name ?? field;

/** A query in the words of the documents. */
export const queryOf = (fields: DocumentFields, query = ''): string =>
  query.replaceAll(/\{([\w.]+)\}/g, (_, field: string) => nameOf(fields, field));

/** Those that these documents can answer. */
export const panelsFor = (fields: DocumentFields): readonly Panel[] =>
  panels.filter((panel) => fields.has(fieldsOf(panel)));

export const searchesFor = (fields: DocumentFields): readonly Search[] =>
  searches
    .filter(({ query, sort }) => fields.has([...fieldsIn(query), sort]))
    .map((search) => ({
      ...search,
      columns: search.columns.filter((field) => fields.has([field])),
    }));
