import {
  type AnalyticsRecord,
  type Integer,
  integerReader,
  type NumberSource,
  type SeriesFinder,
} from '#pump';
import type { MetricDefinition, Observed } from './definitions.ts';

/** The durations of the record at hand that histograms observe, each read once. */
export class Durations {
  /** Those of a metric are where its `positions` say. */
  readonly values: Float64Array;
  readonly #fields: readonly Observed['field'][];
  readonly #readers: readonly ((record: AnalyticsRecord) => Integer)[];

  constructor(definitions: readonly MetricDefinition[]) {
    this.#fields = [
      ...new Set(definitions.flatMap(({ observes }) => observes.map(({ field }) => field))),
    ];
    this.#readers = this.#fields.map((field) => integerReader(field));
    this.values = new Float64Array(this.#fields.length);
  }

  /** For a finder, which has the number of each at hand. */
  get sources(): readonly NumberSource[] {
    return this.#fields.map((field) => ({ form: 'integer', field }));
  }

  positionsOf({ observes }: MetricDefinition): readonly number[] {
    return observes.map(({ field }) => this.#fields.indexOf(field));
  }

  read(record: AnalyticsRecord): void {
    for (let each = 0; each < this.values.length; each++)
      this.values[each] = Number(this.#readers[each]?.(record));
  }

  /** The same of the record that a finder has at `index`, whose sources begin at `first` there: it need not be looked at again. */
  readFound(record: AnalyticsRecord, finder: SeriesFinder, index: number, first: number): void {
    for (let each = 0; each < this.values.length; each++) {
      const number = finder.numberOf(index, first + each);
      this.values[each] = number < 0 ? Number(this.#readers[each]?.(record)) : number;
    }
  }
}
