import type { Operation } from '../operations/operation.ts';
import type { ValueStats } from '../values/stats.ts';
import type { PathNode } from './node.ts';
import { splitSegment } from './segment-kind.ts';

/** What is to be seen of one operation below a node: how often, and in which share of its calls each thing. */
export interface OperationFeatures {
  readonly count: number;
  /** Names of parameters and members, with how often they were seen. */
  readonly names: ReadonlyMap<string, number>;
}

/** Levels below a node that are looked at. */
const levels = 3;
const mostWays = 400;

/** A literal at a level below a node. */
const wordAt = (level: number, name: string): string => `${String(level)}/${name}`;

/** The literals below a node, with their levels. */
export function wordsBelow(node: PathNode, level = 1, words = new Set<string>()): Set<string> {
  if (level > levels) return words;
  for (const [name, child] of node.literals) {
    words.add(wordAt(level, name));
    wordsBelow(child, level + 1, words);
  }
  for (const child of node.parameters.values()) wordsBelow(child, level + 1, words);
  return words;
}

/**
 * The operations at a node and below, by method and by the way from it. Of siblings that are values of one parameter they are
 * alike; of siblings that are words of an API they differ. `isShared`: whether a literal counts as a word; it may be a value
 * itself, of which each sibling has others.
 */
export function featuresOf(
  node: PathNode,
  isShared: (word: string) => boolean = () => true,
): ReadonlyMap<string, OperationFeatures> {
  const found = new Map<string, OperationFeatures>();
  const gather = (at: PathNode, way: string, level: number): void => {
    for (const [method, operation] of at.operations) {
      const key = `${method} ${way}`;
      const known = found.get(key);
      if (known === undefined && found.size >= mostWays) continue;
      found.set(key, namesOf(operation, known));
    }
    if (level > levels) return;
    for (const [suffix, child] of at.parameters) gather(child, `${way}/{}${suffix}`, level + 1);
    for (const [name, child] of at.literals) {
      const { suffix } = splitSegment(name);
      const segment = isShared(wordAt(level, name)) ? name : `{}${suffix}`;
      gather(child, `${way}/${segment}`, level + 1);
    }
  };
  gather(node, '', 1);
  return found;
}

function namesOf(operation: Operation, known?: OperationFeatures): OperationFeatures {
  const names = new Map<string, number>(known?.names);
  const add = (name: string, times: number): void => {
    names.set(name, (names.get(name) ?? 0) + times);
  };
  for (const [name, { seen }] of operation.query) add(`?${name}`, seen);
  for (const { value } of operation.bodies.values()) members(value, '>', 0, add);
  for (const [status, { bodies }] of operation.responses)
    if (status >= 200 && status < 300)
      for (const { value } of bodies.values()) members(value, '<', 0, add);
  return { count: operation.count + (known?.count ?? 0), names };
}

/**
 * Members of a body, and of the elements of its lists: what is deeper is there too seldom in a single call to tell values from
 * words.
 */
function members(
  stats: ValueStats,
  at: string,
  depth: number,
  add: (name: string, times: number) => void,
): void {
  if (stats.items !== undefined) members(stats.items, `${at}[]`, depth, add);
  for (const [name, member] of stats.members) {
    add(`${at}.${name}`, member.seen);
    if (depth === 0 && member.items !== undefined)
      members(member.items, `${at}.${name}[]`, depth + 1, add);
  }
}
