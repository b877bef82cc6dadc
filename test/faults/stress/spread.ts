/** `min / median / max`, for a table. */
export function spread(figures: readonly number[], digits = 2): string {
  const sorted = [...figures].sort((a, b) => a - b);
  const text = (at: number): string => (sorted[at] ?? Number.NaN).toFixed(digits);
  return `${text(0)} / ${text(Math.floor(sorted.length / 2))} / ${text(sorted.length - 1)}`;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]): string => `| ${cells.map(String).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
