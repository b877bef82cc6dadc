import type { AnalyticsRecord } from '#pump';
import type { LabelSource } from './labels.ts';

/**
 * The label values of the record at hand, one for each source: as numbers, and as texts when somebody asks. For nearly
 * all records nobody does.
 */
export class LabelValues {
  /** Equal numbers at one position mean equal texts. Below 0: only the text can tell. */
  readonly numbers: Int32Array;
  readonly #sources: readonly LabelSource[];
  #record: AnalyticsRecord | undefined;

  constructor(sources: readonly LabelSource[]) {
    this.#sources = sources;
    this.numbers = new Int32Array(sources.length);
  }

  use(record: AnalyticsRecord): void {
    const { numbers } = this;
    const sources = this.#sources;
    this.#record = record;
    for (let at = 0; at < numbers.length; at++)
      numbers[at] = (sources[at] as LabelSource).number(record);
  }

  /** For `textAt` alone. */
  hold(record: AnalyticsRecord): void {
    this.#record = record;
  }

  textAt(position: number): string {
    return this.#record === undefined ? '' : (this.#sources[position]?.read(this.#record) ?? '');
  }
}
