import type { JsonNode } from '../json-text.ts';
import { type LinePiece, type Locate, type Located, locatedAt, locator } from '../locate.ts';
import type { Problem } from '../problem.ts';

/** One document of a file: JSON and TOML have one, YAML has as many as are parted by `---`. */
export interface StructuredDocument {
  /** Plain objects, lists, texts, numbers, flags, null. What comes later under a name that stands twice is not in it. */
  readonly value: unknown;
  /** Where a key stands in the file: `spec.hosts[0]`. Of one that is not there, what it is missing in. */
  readonly locate: Locate;
}

export interface StructuredFile {
  /** Empty where the file is no such thing, which is among the problems. */
  readonly documents: readonly StructuredDocument[];
  readonly problems: readonly PlacedProblem[];
}

/** A problem with its place in the file, where it has one. */
export interface PlacedProblem extends Problem {
  readonly at: Located | undefined;
}

/** What a reader of one of the formats finds: nodes as those of JSON, so that one locator serves all. */
export interface Reading {
  readonly nodes: readonly JsonNode[];
  readonly slips: readonly Slip[];
}

/** Something wrong with the text. Never what stands there: it may be a secret. */
export interface Slip {
  readonly line: number;
  readonly column: number;
  readonly found: string;
  readonly expected: string;
}

/** How much of a line may be shown around a place. */
export type PiecesOf = (line: string) => readonly LinePiece[];

export function fileOf(
  { nodes, slips }: Reading,
  {
    text,
    source,
    piecesOf,
  }: { readonly text: string; readonly source: string; readonly piecesOf: PiecesOf },
): StructuredFile {
  return {
    documents: nodes.map((node) => ({
      value: valueOf(node),
      locate: locator(text, node, piecesOf),
    })),
    problems: slips.map(({ line, column, found, expected }) => ({
      ...{ source, key: `line ${line}, column ${column}`, found, expected, severity: 'error' },
      at: locatedAt(text, { line, column }, piecesOf),
    })),
  };
}

/** Names are as written. `__proto__` is one like any other. */
function valueOf(node: JsonNode): unknown {
  if (node.kind === 'plain') return node.value;
  if (node.kind === 'list') return node.elements.map(valueOf);
  return Object.fromEntries(node.members.map(({ key, node: inner }) => [key, valueOf(inner)]));
}

/** A name that stands twice in one object: in none of the three formats is that meant. */
export const repeated = (key: { readonly line: number; readonly column: number }): Slip => ({
  line: key.line,
  column: key.column,
  found: 'a key for the second time',
  expected: 'each key once',
});
