import type { PlacedProblem, StructuredDocument } from '#source';

/** What is wrong with one document, or ignored of it. All problems of all files are gathered before anything is said. */
export interface Findings {
  /** What is found is named by its type alone: it may be a secret that slipped here. */
  wrong(path: string, found: unknown, expected: string): void;
  /** A thing that is understood, and would have effects that are not built or make no sense. */
  refused(path: string, found: unknown, why: string): void;
  /** Nothing follows from it here: the file is taken. */
  ignored(path: string, found: unknown, why: string): void;
}

export function findingsOf(
  from: {
    readonly file: string;
    /** `document 2 (ServiceEntry api)`; empty: the file has one document of our own form. */
    readonly label: string;
    readonly document: Pick<StructuredDocument, 'locate'>;
  },
  into: PlacedProblem[],
): Findings {
  const { file, label, document } = from;
  const add = (
    severity: PlacedProblem['severity'],
    path: string,
    { found, expected }: { readonly found: unknown; readonly expected: string },
  ): void => {
    const key = [label, path].filter((part) => part !== '').join(': ');
    const at = document.locate(path);
    into.push({ source: file, key, found: typeWords(found), expected, severity, at });
  };
  return {
    wrong: (path, found, expected) => add('error', path, { found, expected }),
    refused: (path, found, why) => add('error', path, { found, expected: `none: ${why}` }),
    ignored: (path, found, why) =>
      add('warning', path, { found, expected: `none, as it is ignored: ${why}` }),
  };
}

function typeWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;
}
