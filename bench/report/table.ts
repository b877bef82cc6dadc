import type { Spread } from '../measure/statistics.ts';

/** With commas, and so many digits after the point. */
export const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** `median (min – max)`; the median alone where all are the same. */
export function spreadText({ min, median, max }: Spread, digits = 0): string {
  const [low, middle, high] = [min, median, max].map((value) => number(value, digits));
  return low === high ? String(middle) : `${middle} (${low} – ${high})`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table of Markdown: columns of numbers keep to the right. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = titles.map((title) => (textColumns.has(title) ? '---' : '---:'));
  return [titles, line, ...rows].map(row).join('\n');
}
const textColumns = new Set(['sink', 'records', 'pump', 'lists', 'Redis']);
