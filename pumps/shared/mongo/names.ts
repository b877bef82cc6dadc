import type { Shape, WrongName } from '#pump';

interface NameProblem {
  readonly found: string;
  readonly expected: string;
}

/** What no database can be called. */
export function databaseNameProblem(name: string): NameProblem | undefined {
  if (name === '')
    return {
      found: 'no database',
      expected: 'the name of one behind the host: mongodb://host/tyk',
    };
  if (/[/\\. "$*<>:|?\0]/.test(name) || Buffer.byteLength(name) > 63)
    return {
      found: 'what no database can be called',
      expected: 'a name of at most 63 bytes without /\\. "$*<>:|?',
    };
  return undefined;
}

/** Database, a dot and collection, as every server takes them: those before 4.4 take no more. */
const mostNamespaceBytes = 120;

/** What no collection of that database can be called. */
export function collectionNameProblem(name: string, database: string): NameProblem | undefined {
  if (name === '') return { found: 'none', expected: 'the name of a collection' };
  if (/[$\0]/.test(name) || name.startsWith('system.') || /^\.|\.$|\.\./.test(name))
    return {
      found: 'what no collection can be called',
      expected: 'a name without "$", that does not begin with "system.", begin or end with a dot',
    };
  if (Buffer.byteLength(`${database}.${name}`) > mostNamespaceBytes)
    return {
      found: 'a long name',
      expected: `one with which database and collection have at most ${mostNamespaceBytes} bytes`,
    };
  return undefined;
}

/** Names that a document has of the operator's, and that not every server takes, or that are the pump's own. */
export function* wrongNamesIn(document: Shape, isTop = true): Iterable<WrongName> {
  for (const { key, value } of document) {
    if (isTop && key === '_id')
      yield {
        name: key,
        expected: 'another name: documents are known by `_id`, which is made here',
      };
    if (key.startsWith('$') || key.includes('.'))
      yield { name: key, expected: 'a name that begins with no "$" and has no dot in it' };
    if (value.form === 'object') yield* wrongNamesIn(value.entries, false);
  }
}
