import { visible } from '../lib/visible.ts';

/** Rows as lines of aligned columns, two spaces apart; the last column is not padded. Cells may be what strangers wrote. */
export function table(written: readonly (readonly string[])[]): readonly string[] {
  const rows = written.map((row) => row.map(visible));
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  return rows.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

const padded = (cell: string, width = 0): string =>
  cell + ' '.repeat(Math.max(0, width - cell.length));
