import type { Labels, Metrics } from './metrics.ts';

/** Sums what counters were given, by name and label values. */
export class CountingMetrics implements Metrics {
  readonly totals = new Map<string, number>();
  /** The last value of each gauge, by name and label values. */
  readonly gauges = new Map<string, number>();
  /** What each histogram was given, by name and label values. */
  readonly observed = new Map<string, number[]>();

  of(name: string, ...labels: readonly string[]): number {
    return this.totals.get([name, ...labels].join(' ')) ?? 0;
  }

  counter({ name }: { readonly name: string }) {
    const add = (amount: number, labels: Labels = {}): void => {
      const key = [name, ...Object.values(labels)].join(' ');
      this.totals.set(key, (this.totals.get(key) ?? 0) + amount);
    };
    return { add, of: (labels: Labels) => ({ add: (amount: number) => add(amount, labels) }) };
  }

  gauge({ name }: { readonly name: string }) {
    return {
      set: (value: number, labels: Readonly<Record<string, string>> = {}): void => {
        this.gauges.set([name, ...Object.values(labels)].join(' '), value);
      },
    };
  }

  histogram({ name }: { readonly name: string }) {
    const observe = (value: number, labels: Labels = {}): void => {
      const key = [name, ...Object.values(labels)].join(' ');
      this.observed.set(key, [...(this.observed.get(key) ?? []), value]);
    };
    return {
      observe,
      of: (labels: Labels) => ({ observe: (value: number) => observe(value, labels) }),
    };
  }
}
