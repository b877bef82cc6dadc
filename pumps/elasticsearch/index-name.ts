import type { AnalyticsRecord, Millis } from '#pump';
import type { Settings } from './settings.ts';

/** The index of each record of one batch. */
export type IndexOf = (record: AnalyticsRecord) => string;

/** The names as they are at `now`: `rolling_index` appends the local date, of writing or of the record. */
export function indexNames(
  { index, mcpIndex, roll }: Pick<Settings, 'index' | 'mcpIndex' | 'roll'>,
  now: Millis,
): IndexOf {
  const base = (record: AnalyticsRecord): string =>
    mcpIndex !== undefined && record.flag('mcp_stats.is_mcp') ? mcpIndex : index;
  switch (roll) {
    case 'never':
      return base;
    case 'write': {
      const suffix = dateSuffix(new Date(now));
      return (record) => base(record) + suffix;
    }
    case 'record': {
      const suffixOf = recordSuffix(now);
      return (record) => base(record) + suffixOf(record);
    }
    default:
      return roll satisfies never;
  }
}

/** Records of a batch are mostly of one minute: its date is worked out once. */
function recordSuffix(now: Millis): (record: AnalyticsRecord) => string {
  let minute = Number.NaN;
  let suffix = '';
  return (record) => {
    const at = Math.floor(Number(record.seconds('timestamp')) / 60);
    if (at === minute) return suffix;
    const date = new Date(at * 60_000);
    // A year that no calendar here has cannot name an index; the document keeps the time itself.
    suffix = dateSuffix(Number.isNaN(date.getTime()) ? new Date(now) : date);
    minute = at;
    return suffix;
  };
}

function dateSuffix(date: Date): string {
  const two = (value: number): string => value.toString().padStart(2, '0');
  const year = date.getFullYear().toString().padStart(4, '0');
  return `-${year}.${two(date.getMonth() + 1)}.${two(date.getDate())}`;
}
