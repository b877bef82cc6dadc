import { type Millis, millis } from '#pump';

/** One line of a page, or the lines of one histogram: a value for each label. */
export interface Series<V> {
  readonly labels: readonly string[];
  readonly value: V;
  /** When a record last belonged to it. */
  seen: Millis;
}

export interface StoreOptions<V> {
  /** How many labels a series has. */
  readonly labels: number;
  /** Most series; 0: no limit. */
  readonly limit: number;
  readonly create: () => V;
}

/** A level of the tree: the series of an equal beginning of labels. */
interface Branch<V> {
  readonly next: Map<string, Branch<V>>;
  series: Series<V> | undefined;
}

/** The value of every label of the series that takes what has no room. */
export const overflow = 'overflow';

/**
 * The series of one metric, found label by label in a tree of maps: nothing is joined, so that no two label sets can
 * look alike, and nothing is hashed that is not looked up. Bounded: at the limit further label sets share one series,
 * in which every label is `overflow`.
 */
export class SeriesStore<V> {
  readonly #options: StoreOptions<V>;
  readonly #root: Branch<V> = { next: new Map(), series: undefined };
  readonly #all = new Set<Series<V>>();
  readonly #overflowLabels: readonly string[];
  #overflowed = 0;

  constructor(options: StoreOptions<V>) {
    this.#options = options;
    this.#overflowLabels = Array.from({ length: options.labels }, () => overflow);
  }

  get size(): number {
    return this.#all.size;
  }

  /** How often a record went to the `overflow` series. */
  get overflowed(): number {
    return this.#overflowed;
  }

  [Symbol.iterator](): Iterator<Series<V>> {
    return this.#all[Symbol.iterator]();
  }

  /** The series of a record: its labels are `values` at `positions`. */
  at(values: readonly string[], positions: readonly number[], now: Millis): Series<V> {
    let branch: Branch<V> | undefined = this.#root;
    for (const position of positions) {
      branch = branch.next.get(values[position] ?? '');
      if (branch === undefined) break;
    }
    const series = branch?.series ?? this.#miss(positions.map((at) => values[at] ?? ''));
    series.seen = now;
    return series;
  }

  /** Forgets the series no record belonged to since `time`. */
  expire(time: Millis): void {
    for (const series of this.#all) if (series.seen < time) this.#remove(series);
  }

  #miss(labels: readonly string[]): Series<V> {
    const { limit } = this.#options;
    if (limit === 0 || this.#all.size < limit) return this.#add(labels);
    this.#overflowed += 1;
    return this.#add(this.#overflowLabels);
  }

  #add(labels: readonly string[]): Series<V> {
    let branch = this.#root;
    for (const label of labels) {
      let next = branch.next.get(label);
      if (next === undefined) {
        next = { next: new Map(), series: undefined };
        branch.next.set(label, next);
      }
      branch = next;
    }
    if (branch.series !== undefined) return branch.series;
    const series = { labels, value: this.#options.create(), seen: millis(0) };
    branch.series = series;
    this.#all.add(series);
    return series;
  }

  #remove(series: Series<V>): void {
    this.#all.delete(series);
    const path: Branch<V>[] = [this.#root];
    for (const label of series.labels) {
      const next = path.at(-1)?.next.get(label);
      if (next !== undefined) path.push(next);
    }
    const leaf = path.at(-1);
    if (leaf !== undefined) leaf.series = undefined;
    // Branches that lead nowhere any more go too.
    for (let depth = series.labels.length; depth > 0; depth--) {
      if ((path[depth]?.next.size ?? 0) > 0) return;
      path[depth - 1]?.next.delete(series.labels[depth - 1] ?? '');
    }
  }
}
