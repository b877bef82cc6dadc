import { decoded, doubtful, type Reading, wrong } from './dsn.ts';

/** The file of an embedded database. */
export interface SqliteTarget {
  readonly path: string;
}

/** A path, or `file:path?…`. */
export function readSqliteDsn(text: string): Reading<SqliteTarget> {
  const isUrl = text.startsWith('file:');
  const [name = '', query] = isUrl
    ? text
        .slice(5)
        .replace(/^\/\/(?=\/)/u, '')
        .split('?')
    : [text];
  const path = isUrl ? decoded(name) : name;
  if (
    path === undefined ||
    path === '' ||
    path.includes(':memory:') ||
    query?.includes('mode=memory') === true
  )
    return {
      target: undefined,
      problems: [
        wrong(text === '' ? 'nothing' : 'no file', 'the path of a file: what is in memory is lost'),
      ],
    };
  const problems =
    query === undefined || query === ''
      ? []
      : [doubtful('parameters', 'none: they have no effect here')];
  return { target: { path }, problems };
}
