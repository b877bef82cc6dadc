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
import { featuresOf, type OperationFeatures, wordsBelow } from './features.ts';
import type { PathNode } from './node.ts';
import { splitSegment } from './segment-kind.ts';

/** `early`: asked because there are many, while the traffic goes on; it must be surer, for it cannot be undone. */
type Occasion = 'early' | 'final';

/** Fewer are never values by novelty. */
const fewest = 8;
/** Fewer are never values by likeness alone. */
const fewestAlike = 20;
/** Siblings with the same operation that it takes to tell what only one of them has. */
const fewestTold = 5;
/** With so many calls a parameter that is there already may take one more. */
const established = 5;

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

export function valuesAmong(node: PathNode, occasion: Occasion): readonly string[] {
  const bySuffix = new Map<string, Candidate[]>();
  for (const [name, child] of node.literals) {
    const { stem, suffix } = splitSegment(name);
    if (stem === '' || words.has(stem.toLowerCase())) continue;
    const group = bySuffix.get(suffix);
    const candidate = { name, hits: child.hits, node: child };
    if (group === undefined) bySuffix.set(suffix, [candidate]);
    else group.push(candidate);
  }
  return [...bySuffix].flatMap(([suffix, group]) =>
    valuesIn(group, node.parameters.get(suffix), occasion),
  );
}

function valuesIn(
  group: readonly Candidate[],
  parameter: PathNode | undefined,
  occasion: Occasion,
): readonly string[] {
  const sorted = [...group].sort((one, other) => one.hits - other.hits);
  const median = sorted[Math.floor(sorted.length / 2)]?.hits ?? 0;
  const usual = sorted.filter(({ hits }) => hits <= Math.max(3, 4 * median));
  const likeness = new Likeness(group);
  if (occasion === 'early') {
    if (isNovel(usual, 0.8)) return namesOf(usual);
  } else {
    const low = belowGap(sorted);
    const company = low.length < fewest ? 0 : (parameter?.hits ?? 0);
    const rare = isNovel(usual, 0.4) ? usual : low.length + company >= fewestAlike ? low : [];
    if (rare.length > 0 && !likeness.areWords(rare)) {
      const values = rare.filter((each) => each.hits < 2 || likeness.privateOf(each) <= 0.5);
      const often = sorted.filter((each) => !rare.includes(each) && likeness.isLike(each, values));
      return namesOf([...values, ...often]);
    }
  }
  if (group.length < fewestAlike || !likeness.areAlike()) {
    if (occasion === 'early' || parameter === undefined || parameter.hits < established) return [];
    return namesOf(sorted.filter((each) => isOneMore(each, parameter)));
  }
  return namesOf(group.filter((each) => likeness.isOneOf(each)));
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

/** Called no more than a value of the parameter that is there already, for nothing that its values do not have. */
function isOneMore({ hits, node }: Candidate, parameter: PathNode): boolean {
  const texts = parameter.kinds.get('text') ?? 0;
  const mean = parameter.taken === 0 ? 0 : texts / parameter.taken;
  if (hits > Math.max(3, 4 * mean) || (hits > 1 && hits * 20 > parameter.hits)) return false;
  return fits(node, parameter) && ownShare(node, parameter) <= 0.25;
}

/** Whether there is nothing at a node and below that is not also at the other. */
function fits(node: PathNode, other: PathNode): boolean {
  for (const method of node.operations.keys()) if (!other.operations.has(method)) return false;
  for (const [name, child] of node.literals) {
    const there = other.literals.get(name) ?? other.parameters.get(splitSegment(name).suffix);
    if (there === undefined || !fits(child, there)) return false;
  }
  for (const [suffix, child] of node.parameters) {
    const there = other.parameters.get(suffix);
    if (there === undefined || !fits(child, there)) return false;
  }
  return true;
}

/** The share of names in schemas that the other has not in the same operation. */
function ownShare(node: PathNode, other: PathNode): number {
  const known = featuresOf(other);
  let [all, own] = [0, 0];
  for (const [operation, { names }] of featuresOf(node)) {
    const there = known.get(operation);
    if (there === undefined) continue;
    for (const name of names.keys()) {
      all++;
      if (!there.names.has(name)) own++;
    }
  }
  return all === 0 ? 0 : own / all;
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
  readonly #siblings: number;

  constructor(group: readonly Candidate[]) {
    this.#siblings = group.length;
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

  /**
   * All of them have what the others have. Where schemas tell something, they decide: next to nothing stands in one alone, and
   * several things stand in many. Otherwise the same words stand below many of them, or nothing stands below any and all have
   * the same methods.
   */
  areAlike(): boolean {
    let [names, own, common, words, calls, shared] = [0, 0, 0, 0, 0, 0];
    for (const [way, pooled] of this.#pool) {
      calls += pooled.calls;
      if (!this.#isCommon(pooled)) continue;
      shared += pooled.calls;
      if (/\/[^/{]+$/.test(way)) words++;
      if (pooled.siblings < fewestTold) continue;
      for (const count of pooled.names.values()) {
        names += count;
        if (count === 1) own++;
        if (count >= 0.3 * pooled.siblings) common++;
      }
    }
    if (shared < 0.5 * calls || own > 0.03 * names) return false;
    if (common > 0 || words >= 3) return true;
    return names === 0 && (words > 0 || [...this.#pool.keys()].every((way) => way.endsWith(' ')));
  }

  #isCommon({ siblings }: Pooled): boolean {
    return siblings >= Math.max(3, 0.1 * this.#siblings);
  }

  /** Of a group that is alike: no word that happens to stand in it, with names, operations or a lack of its own. */
  isOneOf(candidate: Candidate): boolean {
    if (this.privateOf(candidate) > 0.3) return false;
    const features = this.#features.get(candidate.name) ?? new Map<string, OperationFeatures>();
    let common = 0;
    for (const [way, { count }] of features) {
      const pooled = this.#pool.get(way);
      if (pooled !== undefined && this.#isCommon(pooled)) common += count;
    }
    if (common < 0.25 * candidate.hits) return false;
    let [expected, missing] = [0, 0];
    const all = [...this.#pool.values()].reduce((sum, { calls }) => sum + calls, 0);
    for (const [way, { calls }] of this.#pool) {
      if ((calls / all) * candidate.hits < 5) continue;
      expected++;
      if (!features.has(way)) missing++;
    }
    return missing <= 0.5 * expected;
  }

  /** It has what these have, and nothing else: neither names nor operations of its own, and all that they are called for often. */
  isLike(candidate: Candidate, values: readonly Candidate[]): boolean {
    const own = this.#features.get(candidate.name) ?? new Map<string, OperationFeatures>();
    if (this.privateOf(candidate) > 0.3) return false;
    const calls = new Map<string, number>();
    let [all, largest] = [0, 0];
    for (const { name, hits } of values) {
      if (name === candidate.name) continue;
      largest = Math.max(largest, hits);
      for (const [operation, { count }] of this.#features.get(name) ?? []) {
        calls.set(operation, (calls.get(operation) ?? 0) + count);
        all += count;
      }
    }
    for (const [operation, count] of calls)
      if ((count / all) * candidate.hits >= 12 && !own.has(operation)) return false;
    let known = 0;
    for (const [operation, { count }] of own) if (calls.has(operation)) known += count;
    return known >= 0.7 * candidate.hits && candidate.hits <= 30 * largest;
  }
}
