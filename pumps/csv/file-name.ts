import type { Millis } from '#pump';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/**
 * `2024-January-5-7.csv`: the hour of writing by the local clock, nothing padded. The second of an hour, for files have one
 * kind of rows each, is `2024-January-5-7.2.csv`.
 */
export function fileNameAt(now: Millis, part = 1): string {
  const at = new Date(now);
  const month = months[at.getMonth()] ?? '';
  const hour = `${at.getFullYear()}-${month}-${at.getDate()}-${at.getHours()}`;
  return part === 1 ? `${hour}.csv` : `${hour}.${part}.csv`;
}
