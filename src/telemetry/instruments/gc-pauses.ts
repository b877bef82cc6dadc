import { PerformanceObserver } from 'node:perf_hooks';

/** As many as Go remembers. */
const mostPauses = 256;
const nanosecondsOf = (ms: number): number => Math.round(ms * 1e6);

/** The last pauses of garbage collection, in nanoseconds. */
export class GcPauses {
  readonly #pauses: number[] = [];
  #next = 0;

  add(pauses: readonly number[]): void {
    for (const pause of pauses) {
      this.#pauses[this.#next] = pause;
      this.#next = (this.#next + 1) % mostPauses;
    }
  }

  /** The shortest, three quartiles and the longest; zeros where there has been none. */
  quantiles(): readonly [number, number, number, number, number] {
    const sorted = this.#pauses.toSorted((one, other) => one - other);
    const at = (quarter: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * quarter) / 4))] ?? 0;
    return [at(0), at(1), at(2), at(3), at(4)];
  }
}

/** Tells of the pauses of this thread, in nanoseconds. What it returns calls that off. */
export type WatchGc = (onPauses: (pauses: readonly number[]) => void) => () => void;

export const watchGc: WatchGc = (onPauses) => {
  const observer = new PerformanceObserver((list) => {
    onPauses(list.getEntries().map(({ duration }) => nanosecondsOf(duration)));
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
};
