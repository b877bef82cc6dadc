import type { AnalyticsRecord, Millis } from '#pump';
import type { Settings } from './settings.ts';

/**
 * Says into which index a record goes: `rolling_index` appends the local date, of writing or of the record. One for all
 * batches, for what is made anew for each of them is optimised anew as well.
 */
export class IndexNames {
  readonly #index: string;
  readonly #mcpIndex: string | undefined;
  readonly #roll: Settings['roll'];
  #now = new Date(0);
  /** Of the record before; records of a batch are mostly of one minute: its date is worked out once. */
  #minute = Number.NaN;
  #name: string;
  #mcpName: string;

  constructor({ index, mcpIndex, roll }: Pick<Settings, 'index' | 'mcpIndex' | 'roll'>) {
    this.#index = index;
    this.#mcpIndex = mcpIndex;
    this.#roll = roll;
    this.#name = index;
    this.#mcpName = mcpIndex ?? index;
  }

  /** A batch begins to be written. */
  begin(now: Millis): void {
    this.#now = new Date(now);
    this.#minute = Number.NaN;
    if (this.#roll === 'write') this.#append(this.#now);
  }

  /** Of a record of the batch. */
  of(record: AnalyticsRecord): string {
    if (this.#roll === 'record') this.#follow(record);
    return this.#mcpIndex !== undefined && record.flag('mcp_stats.is_mcp')
      ? this.#mcpName
      : this.#name;
  }

  #follow(record: AnalyticsRecord): void {
    const minute = Math.floor(Number(record.seconds('timestamp')) / 60);
    if (minute === this.#minute) return;
    this.#minute = minute;
    const date = new Date(minute * 60_000);
    // A year that no calendar here has cannot name an index; the document keeps the time itself.
    this.#append(Number.isNaN(date.getTime()) ? this.#now : date);
  }

  #append(date: Date): void {
    const suffix = dateSuffix(date);
    this.#name = this.#index + suffix;
    this.#mcpName = (this.#mcpIndex ?? this.#index) + suffix;
  }
}

function dateSuffix(date: Date): string {
  const two = (value: number): string => value.toString().padStart(2, '0');
  const year = date.getFullYear().toString().padStart(4, '0');
  return `-${year}.${two(date.getMonth() + 1)}.${two(date.getDate())}`;
}
