import type { Millis } from '#pump';
import type { LabelValues } from './label-values.ts';
import { none, SeriesIndex } from './series-index.ts';

/** One line of a page, or the lines of one histogram: a value for each label, and numbers. */
export interface Series {
  readonly labels: readonly string[];
  /** Where its numbers begin in `cells` of its store. */
  readonly at: number;
  /** Its labels as a page shows them. The page keeps them here. */
  shown: string | undefined;
}

export interface StoreOptions {
  /** Where the values of its labels are among those of a record. */
  readonly positions: readonly number[];
  /** Most series; 0: no limit. */
  readonly limit: number;
  /** How many numbers a series has. */
  readonly width: number;
}

/** A level of the tree: the series of an equal beginning of labels. */
interface Branch {
  /** Undefined where no further label is: most branches are the last. */
  next: Map<string, Branch> | undefined;
  series: Series | undefined;
}

/** The value of every label of the series that takes what has no room. */
const overflow = 'overflow';

/**
 * The series of one metric, found label by label in a tree of maps: nothing is joined, so that no two label sets can
 * look alike. Bounded: at the limit further label sets share one series, in which every label is `overflow`.
 *
 * What was found once is found again by the numbers of its labels, without a look at any text. What has no room is not:
 * there may be more of it than can be kept.
 */
export class SeriesStore {
  readonly #positions: Int32Array;
  readonly #limit: number;
  /** The numbers of a series, and before them when a record last belonged to it. */
  readonly #width: number;
  readonly #index: SeriesIndex;
  readonly #root: Branch = { next: undefined, series: undefined };
  readonly #all = new Set<Series>();
  readonly #overflowLabels: readonly string[];
  readonly #free: number[] = [];
  #cells: Float64Array;
  #used = 0;
  #overflowed = 0;

  constructor({ positions, limit, width }: StoreOptions) {
    this.#positions = Int32Array.from(positions);
    this.#limit = limit;
    this.#width = width + 1;
    this.#index = new SeriesIndex(positions.length);
    this.#overflowLabels = positions.map(() => overflow);
    this.#cells = new Float64Array(16 * this.#width);
  }

  get size(): number {
    return this.#all.size;
  }

  /** How often a record went to the `overflow` series. */
  get overflowed(): number {
    return this.#overflowed;
  }

  /** The numbers of all series; another array after a series was added. */
  get cells(): Float64Array {
    return this.#cells;
  }

  [Symbol.iterator](): Iterator<Series> {
    return this.#all[Symbol.iterator]();
  }

  /** Where the numbers of a record's series begin. */
  find(values: LabelValues, now: Millis): number {
    const known = this.#index.find(values.numbers, this.#positions);
    const at = known === none ? this.#look(values) : known;
    this.touch(at, now);
    return at;
  }

  /** A record belongs to the series there. */
  touch(at: number, now: Millis): void {
    this.#cells[at - 1] = now;
  }

  /** Where the series of these texts begins, which may be that of what has no room: then `isPassing`, and nobody should remember it. */
  look(values: LabelValues): { readonly at: number; readonly isPassing: boolean } {
    const labels: string[] = [];
    let branch: Branch | undefined = this.#root;
    for (let each = 0; each < this.#positions.length; each++) {
      const label = values.textAt(this.#positions[each] as number);
      labels.push(label);
      branch = branch?.next?.get(label);
    }
    const found = branch?.series;
    const isPassing = found === undefined && this.#limit > 0 && this.#all.size >= this.#limit;
    if (isPassing) this.#overflowed += 1;
    return { at: found?.at ?? this.#add(isPassing ? this.#overflowLabels : labels).at, isPassing };
  }

  /** Forgets the series no record belonged to since `time`. Whether there were any: then places may be of others. */
  expire(time: Millis): boolean {
    const before = this.#all.size;
    for (const series of this.#all)
      if ((this.#cells[series.at - 1] as number) < time) this.#remove(series);
    return this.#all.size < before;
  }

  /** The numbers of label values mean something else from now on. */
  forgetNumbers(): void {
    this.#index.forget();
  }

  #look(values: LabelValues): number {
    const { numbers } = values;
    const { at, isPassing } = this.look(values);
    if (!isPassing && this.#positions.every((position) => (numbers[position] as number) >= 0))
      this.#index.add(numbers, this.#positions, at);
    return at;
  }

  #add(labels: readonly string[]): Series {
    let branch = this.#root;
    for (const label of labels) {
      const branches = (branch.next ??= new Map<string, Branch>());
      let next = branches.get(label);
      if (next === undefined) {
        next = { next: undefined, series: undefined };
        branches.set(label, next);
      }
      branch = next;
    }
    if (branch.series !== undefined) return branch.series;
    const series: Series = { labels, at: this.#place(), shown: undefined };
    branch.series = series;
    this.#all.add(series);
    return series;
  }

  #place(): number {
    const freed = this.#free.pop();
    const start = freed ?? this.#used;
    const end = start + this.#width;
    if (freed === undefined) this.#used = end;
    if (end > this.#cells.length) {
      const grown = new Float64Array(2 * this.#cells.length);
      grown.set(this.#cells);
      this.#cells = grown;
    }
    this.#cells.fill(0, start, end);
    return start + 1;
  }

  #remove(series: Series): void {
    this.#all.delete(series);
    this.#free.push(series.at - 1);
    this.#index.forget();
    const path: Branch[] = [this.#root];
    for (const label of series.labels) {
      const next = path.at(-1)?.next?.get(label);
      if (next !== undefined) path.push(next);
    }
    const leaf = path.at(-1);
    if (leaf !== undefined) leaf.series = undefined;
    // Branches that lead nowhere any more go too.
    for (let depth = series.labels.length; depth > 0; depth--) {
      if ((path[depth]?.next?.size ?? 0) > 0) return;
      path[depth - 1]?.next?.delete(series.labels[depth - 1] ?? '');
    }
  }
}
