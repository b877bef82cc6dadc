/** What is written in a line of StatsD, to the letter as Tyk Pump writes it (tyk-pump.md, "Metrics of itself"). */

/** A metric's name: its parts joined with dots. What else than letters, digits, `_`, `.` and `-` is in them becomes `$`. */
export const nameOf = (parts: readonly string[]): string =>
  parts
    .filter((part) => part !== '')
    .join('.')
    .replace(/[^A-Za-z0-9_.-]/gu, '$');

/** Milliseconds: whole ones from ten on, below with two decimals. */
export const timingText = (ms: number): string =>
  ms >= 10 ? String(Math.trunc(ms)) : Math.max(0, ms).toFixed(2);

/** With two decimals; what is nearly nothing in its shortest form. */
export const gaugeText = (value: number): string =>
  Math.abs(value) < 0.1 ? String(value) : value.toFixed(2);
