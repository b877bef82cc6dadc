/**
 * Which literals below a node are values of a parameter. It goes by what distinguishes the two:
 *
 * - **novelty**: words of an API come again and again, values are new most of the time. The share of calls whose segment was seen
 *   once only estimates how probable a new one is (Good and Turing).
 * - **likeness**: below two values of one parameter the same operations have the same names in their schemas. Words of an API may
 *   have the same operations, as REST resources do, but then their schemas have names of their own.
 *
 * It is a question of the whole node, so the answer does not depend on the order of the calls.
 */
import { alikeAmong, type Before } from './alike.ts';
import { featuresOf, type OperationFeatures, wordsBelow } from './features.ts';
import type { PathNode } from './node.ts';
import { splitSegment } from './segment-kind.ts';
import { waysOf } from './ways.ts';

/** Fewer are never values by novelty. */
const fewest = 8;
/** Fewer of those that were hardly called are values only in company. */
const fewestRare = 20;
/** Siblings with the same operation that it takes to tell what only one of them has. */
const fewestTold = 5;
/** How much more must speak for values where that cannot be undone. */
const early = 8;

/** Words that stand beside ids in many APIs, and are never one. */
const words = new Set(
  `me self search latest current default all new count batch bulk public status health metrics info config login logout
  export import stats list upload download validate preview recent popular query`.split(/\s+/),
);

interface Candidate {
  readonly name: string;
  readonly hits: number;
  readonly node: PathNode;
}

/**
 * Finds values in one tree, and remembers what it found of nodes that do not change.
 */
export class ValueFinder {
  /** Calls that an operation of this API usually has; 0: nobody knows. */
  readonly #usual: number;
  readonly #known = new WeakMap<PathNode, ReadonlySet<string>>();

  constructor(usual = 0) {
    this.#usual = usual;
  }

  /** The literals below a node that are values. */
  valuesAmong(node: PathNode, before: Before): readonly string[] {
    return this.#among(node, before, false);
  }

  /**
   * The same, because there are many, while the traffic goes on. It must be surer, for it cannot be undone.
   */
  earlyValuesAmong(node: PathNode): readonly string[] {
    return this.#among(node, 'word', true);
  }

  /** What was seen of these is no longer so. */
  forget(node: PathNode): void {
    this.#known.delete(node);
  }

  #among(node: PathNode, before: Before, isEarly: boolean): readonly string[] {
    const bySuffix = new Map<string, Candidate[]>();
    for (const [name, child] of node.literals) {
      const { stem, suffix } = splitSegment(name);
      if (stem === '' || words.has(stem.toLowerCase())) continue;
      const group = bySuffix.get(suffix);
      const candidate = { name, hits: child.hits, node: child };
      if (group === undefined) bySuffix.set(suffix, [candidate]);
      else group.push(candidate);
    }
    return [...bySuffix].flatMap(([suffix, group]) => {
      const parameter = node.parameters.get(suffix);
      const novel = isEarly ? earlyNovel(group) : novelAmong(group, parameter);
      if (novel.length > 0) return novel;
      const isValue = this.#valuesBelow(group);
      return alikeAmong(
        group.map(({ name, hits, node: at }) => ({ name, hits, ways: waysOf(at, isValue) })),
        {
          before,
          parameter: parameter && waysOf(parameter, isValue),
          siblings: node.literals.size,
          usual: this.#usual,
          least: isEarly ? early : 0,
        },
      );
    });
  }

  /**
   * Whether a literal below these is a value itself: below most of those that have it, or it was hardly called and stands below few.
   * It is the same for all of them, or they could not be compared.
   */
  #valuesBelow(group: readonly Candidate[]): (name: string) => boolean {
    const below = new Map<string, { parents: number; hits: number; asValue: number }>();
    for (const { node } of group) {
      const values = this.#valuesOf(node);
      for (const [name, child] of node.literals) {
        let seen = below.get(name);
        if (seen === undefined) below.set(name, (seen = { parents: 0, hits: 0, asValue: 0 }));
        seen.parents++;
        seen.hits = Math.max(seen.hits, child.hits);
        if (values.has(name)) seen.asValue++;
      }
    }
    const enough = Math.max(2, 0.25 * group.length);
    return (name) => {
      const seen = below.get(name);
      if (seen === undefined) return false;
      return 2 * seen.asValue > seen.parents || (seen.hits < 4 && seen.parents < enough);
    };
  }

  #valuesOf(node: PathNode): ReadonlySet<string> {
    let values = this.#known.get(node);
    if (values === undefined)
      this.#known.set(node, (values = new Set(this.valuesAmong(node, 'unknown'))));
    return values;
  }
}

const usualOf = (sorted: readonly Candidate[]): readonly Candidate[] => {
  const median = sorted[Math.floor(sorted.length / 2)]?.hits ?? 0;
  return sorted.filter(({ hits }) => hits <= Math.max(3, 4 * median));
};

const byHits = (group: readonly Candidate[]): readonly Candidate[] =>
  [...group].sort((one, other) => one.hits - other.hits);

function earlyNovel(group: readonly Candidate[]): readonly string[] {
  const usual = usualOf(byHits(group));
  return isNovel(usual, 0.8) ? namesOf(usual) : [];
}

function novelAmong(
  group: readonly Candidate[],
  parameter: PathNode | undefined,
): readonly string[] {
  const sorted = byHits(group);
  const usual = usualOf(sorted);
  const low = belowGap(sorted);
  const company = low.length < fewest ? 0 : (parameter?.hits ?? 0);
  const rare = isNovel(usual, 0.4) ? usual : low.length + company >= fewestRare ? low : [];
  if (rare.length === 0) return [];
  const likeness = new Likeness(group);
  if (likeness.areWords(rare)) return [];
  const values = rare.filter((each) => each.hits < 2 || likeness.privateOf(each) <= 0.5);
  const often = sorted.filter((each) => !rare.includes(each) && likeness.isLike(each, values));
  return namesOf([...values, ...often]);
}

const namesOf = (candidates: readonly Candidate[]): readonly string[] =>
  candidates.map(({ name }) => name);

function isNovel(rare: readonly Candidate[], least: number): boolean {
  if (rare.length < fewest) return false;
  const hits = rare.reduce((sum, each) => sum + each.hits, 0);
  return rare.filter((each) => each.hits === 1).length / hits >= least;
}

/** Those that were hardly called, where all others were called often: values beside words. */
function belowGap(sorted: readonly Candidate[]): readonly Candidate[] {
  const low = sorted.findIndex(({ hits }) => hits > 3);
  if (low <= 0) return [];
  const most = sorted[low - 1]?.hits ?? 0;
  return (sorted[low]?.hits ?? 0) >= 5 * most ? sorted.slice(0, low) : [];
}

/** How often a name was seen below how many siblings. */
interface Pooled {
  siblings: number;
  calls: number;
  readonly names: Map<string, number>;
}

class Likeness {
  readonly #features: ReadonlyMap<string, ReadonlyMap<string, OperationFeatures>>;
  readonly #pool = new Map<string, Pooled>();

  constructor(group: readonly Candidate[]) {
    const words = new Map<string, number>();
    for (const { node } of group)
      for (const word of wordsBelow(node)) words.set(word, (words.get(word) ?? 0) + 1);
    const enough = Math.max(2, 0.25 * group.length);
    const isShared = (word: string): boolean => (words.get(word) ?? 0) >= enough;
    this.#features = new Map(group.map(({ name, node }) => [name, featuresOf(node, isShared)]));
    for (const features of this.#features.values())
      for (const [operation, { count, names }] of features) {
        let pooled = this.#pool.get(operation);
        if (pooled === undefined)
          this.#pool.set(operation, (pooled = { siblings: 0, calls: 0, names: new Map() }));
        pooled.siblings++;
        pooled.calls += count;
        for (const name of names.keys()) pooled.names.set(name, (pooled.names.get(name) ?? 0) + 1);
      }
  }

  /** The share of names, in operations that siblings have too, that no sibling has; undefined where nothing can be told. */
  #privateShare({ name }: Candidate): number | undefined {
    let [all, own] = [0, 0];
    for (const [operation, { names }] of this.#features.get(name) ?? []) {
      const pooled = this.#pool.get(operation);
      if (pooled === undefined || pooled.siblings < fewestTold) continue;
      for (const each of names.keys()) {
        all++;
        if (pooled.names.get(each) === 1) own++;
      }
    }
    return all < 2 ? undefined : own / all;
  }

  privateOf(candidate: Candidate): number {
    return this.#privateShare(candidate) ?? 0;
  }

  /** Most of them have, in operations that they share, names of their own: each of them is a word. */
  areWords(group: readonly Candidate[]): boolean {
    const shares = group.flatMap((each) => this.#privateShare(each) ?? []);
    const sum = shares.reduce((total, each) => total + each, 0);
    return shares.length >= 0.5 * group.length && sum >= 0.3 * shares.length;
  }

  /** It has what these have, and nothing else: neither names nor operations of its own, and all that they are called for often. */
  isLike(candidate: Candidate, values: readonly Candidate[]): boolean {
    const own = this.#features.get(candidate.name) ?? new Map<string, OperationFeatures>();
    if (this.privateOf(candidate) > 0.3) return false;
    const calls = new Map<string, number>();
    const there = new Set<string>();
    let [all, largest] = [0, 0];
    for (const { name, hits } of values) {
      if (name === candidate.name) continue;
      largest = Math.max(largest, hits);
      for (const [operation, { count, names }] of this.#features.get(name) ?? []) {
        calls.set(operation, (calls.get(operation) ?? 0) + count);
        all += count;
        for (const each of names.keys()) there.add(operation + each);
      }
    }
    for (const [operation, count] of calls)
      if ((count / all) * candidate.hits >= 12 && !own.has(operation)) return false;
    let [known, told, alien] = [0, 0, 0];
    for (const [operation, { count, names }] of own) {
      if (!calls.has(operation)) continue;
      known += count;
      for (const each of names.keys()) {
        told++;
        if (!there.has(operation + each)) alien++;
      }
    }
    // A list of things is no thing, though several words have such lists.
    if (alien > 0.5 * told) return false;
    return known >= 0.7 * candidate.hits && candidate.hits <= 30 * largest;
  }
}
