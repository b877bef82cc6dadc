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

/** `2024-January-5-7.csv`: the hour of writing by the local clock, nothing padded. */
export function fileNameAt(now: Millis): string {
  const at = new Date(now);
  const month = months[at.getMonth()] ?? '';
  return `${at.getFullYear()}-${month}-${at.getDate()}-${at.getHours()}.csv`;
}
