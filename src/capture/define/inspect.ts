import type { PlacedProblem } from '../../config/structured/document.ts';
import { explain } from '../../lib/errors.ts';

/** Something wrong with what an option names, by the option: a file that cannot be read. Never a secret. */
export interface OptionFinding {
  /** `ca_file`, `origin_certificates[0].cert_file`. */
  readonly option: string;
  readonly found: string;
  readonly expected: string;
  readonly severity: 'error' | 'warning';
}

/** What is wrong with what the options of a source lead to: at an option, or in a file with its line. */
export type Finding = OptionFinding | PlacedProblem;

export const isOfOption = (finding: Finding): finding is OptionFinding => 'option' in finding;

/** What a start throws that begins with the option it is about (`ca_file: …`); of others `option`. */
export function findingOf(error: unknown, option: string): OptionFinding {
  const words = explain(error);
  const [, key, rest] = /^([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+)?): ([^]+)$/.exec(words) ?? [];
  return {
    option: key ?? option,
    found: rest ?? words,
    expected: 'what a start can use',
    severity: 'error',
  };
}
