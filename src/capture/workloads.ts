/** What a source that looks into programs says of one of them. */
export interface ShownWorkload {
  /** Names the process, and no later one that has its number: letters, digits and `-`. */
  readonly id: string;
  readonly pid: number;
  readonly name: string;
  /** Path of what it runs, as it sees it; empty: it cannot be read. */
  readonly program: string;
  readonly container: string | undefined;
  /**
   * - `watched`: what it says is seen.
   * - `off`: it could be watched; nobody wants it, or it was switched off.
   * - `refused`: it is to be watched and cannot be.
   * - `not_visible`: there is nothing in it that could be watched.
   */
  readonly state: 'watched' | 'off' | 'refused' | 'not_visible';
  /** Why, where the state does not say it. */
  readonly reason: string | undefined;
  /** Who decided: the configuration, or somebody who switched it. */
  readonly chosenBy: 'configuration' | 'switch' | undefined;
  /** Milliseconds since 1970 from which the state holds; undefined: from before this was looked at first. */
  readonly since: number | undefined;
  /** What else the source knows of it, in snake_case. */
  readonly more: Readonly<Record<string, unknown>>;
}

/** What came of a wish to watch a workload, or not to. */
export type Switched =
  | { readonly kind: 'done'; readonly workload: ShownWorkload }
  /** There is none of that id. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Workloads of a source, which can be switched while they run. */
export interface Workloads {
  /** How the source itself is, in snake_case: what it lost and why. */
  readonly health: Readonly<Record<string, unknown>>;
  readonly list: readonly ShownWorkload[];
  /** Rejects where the source cannot act now. */
  turn(id: string, isOn: boolean): Promise<Switched>;
}
