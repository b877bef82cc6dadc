/** One thing that is wrong with what the operator wrote. All are reported at once. */
export interface Problem {
  /** Where: a file's path, or `environment`. */
  readonly source: string;
  /** Dotted JSON path, or the variable's name. */
  readonly key: string;
  /** The type of the value found (`text`, `number`, `null`, …), never the value of a secret. */
  readonly found: string;
  /** What was expected instead, with a hint where there is one. */
  readonly expected: string;
  /** `error` stops the start; `warning` is printed and the start goes on. */
  readonly severity: 'error' | 'warning';
}
