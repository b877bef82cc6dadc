import type { JsonMember, JsonNode } from './json-text.ts';
import type { Problem } from './problem.ts';

/** A key that stands more than once in one object, in whatever letter case. */
export interface Repeat {
  /** Dotted path. */
  readonly path: string;
  readonly lines: readonly number[];
  /** What comes of it. */
  readonly outcome: 'the last is used' | 'they are merged';
}

/**
 * How Go's decoder fills what a path leads to. `struct`: keys match in any letter case, and what comes later is laid over
 * what was there. `map`: keys are as written, and what comes later replaces. `maps`: of structs, `pumps`.
 */
type Kind = 'struct' | 'map' | 'maps' | 'entry' | 'any';

/** The value as Tyk Pump reads it, and every key that stands twice on the way. */
export function mergeJson(
  node: JsonNode,
  kind: Kind = 'struct',
): { readonly value: unknown; readonly repeats: readonly Repeat[] } {
  const repeats: Repeat[] = [];
  return { value: valueOf(node, { kind, path: '' }, repeats), repeats };
}

/** A key that stands twice works as in Tyk Pump, and was hardly meant. */
export function repeatProblems(
  repeats: readonly Repeat[],
  { source, at }: { readonly source: string; readonly at: string },
): readonly Problem[] {
  return repeats.map(({ path, lines, outcome }) => ({
    source,
    key: at === '' ? path : `${at}.${path}`,
    found: `the key ${lines.length} times (line ${[...new Set(lines)].join(', ')})`,
    expected: `it once; ${outcome}, as in Tyk Pump`,
    severity: 'warning',
  }));
}

interface Place {
  readonly kind: Kind;
  readonly path: string;
}

function valueOf(node: JsonNode, at: Place, repeats: Repeat[]): unknown {
  if (node.kind === 'plain') return node.value;
  if (node.kind === 'list') {
    const kind = at.kind === 'struct' ? 'struct' : 'any';
    return node.elements.map((element, index) =>
      valueOf(element, { kind, path: `${at.path}[${index}]` }, repeats),
    );
  }
  const isStruct = at.kind === 'struct' || at.kind === 'entry';
  const groups = new Map<string, JsonMember[]>();
  for (const member of node.members) {
    const name = isStruct ? member.key.toLowerCase() : member.key;
    groups.set(name, [...(groups.get(name) ?? []), member]);
  }
  const entries = [...groups.values()].map((members): [string, unknown] => {
    // One spelling for all: who says something about it names the first.
    const key = members[0]?.key ?? '';
    const path = at.path === '' ? key : `${at.path}.${key}`;
    const merged = isStruct ? mergedOf(members) : lastOf(members);
    if (members.length > 1)
      repeats.push({
        path,
        lines: members.map(({ line }) => line),
        outcome: merged.kind === 'object' && isStruct ? 'they are merged' : 'the last is used',
      });
    return [key, valueOf(merged, { kind: kindOf(at.kind, key), path }, repeats)];
  });
  return Object.fromEntries(entries);
}

/** Objects are laid over each other by reading one behind the other; null says nothing; all else is replaced. */
const mergedOf = (members: readonly JsonMember[]): JsonNode =>
  members
    .map(({ node }) => node)
    .reduce((before, node) => {
      if (node.kind === 'plain' && node.value === null) return before;
      if (before.kind !== 'object' || node.kind !== 'object') return node;
      return { kind: 'object', members: [...before.members, ...node.members] };
    });

function lastOf(members: readonly JsonMember[]): JsonNode {
  return members.at(-1)?.node ?? { kind: 'plain', value: null };
}

/** What Tyk Pump declares a member of such a place to be. */
function kindOf(parent: Kind, key: string): Kind {
  const name = key.toLowerCase();
  switch (parent) {
    case 'struct':
      return name === 'pumps' ? 'maps' : name === 'stores' ? 'maps' : 'struct';
    case 'maps':
      return 'entry';
    case 'entry':
      return name === 'meta' || name === 'config' ? 'map' : 'struct';
    case 'map':
    case 'any':
      return 'any';
  }
}
