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
  /** Nothing reads this key or variable: most likely a slip. */
  readonly isUnknown?: true;
}

/** Something worth a line at level info: accepted, harmless, and not what one might think. */
export interface Note {
  readonly source: string;
  readonly key: string;
  readonly text: string;
  /** Worth a line from every command, not from the start and `validate` alone: it says what they work on. */
  readonly isForAll?: true;
}

/** One line: `pump.conf: pumps.x.meta.port: found text, expected an integer from 0 to 65535`. */
export function formatProblem({ source, key, found, expected }: Problem): string {
  return `${source}: ${key}: found ${found}, expected ${expected}`;
}

/** One line: `pump.conf: analytics_storage_config.optimisation_max_idle: …`. */
export function formatNote({ source, key, text }: Note): string {
  return `${source}: ${key}: ${text}`;
}
