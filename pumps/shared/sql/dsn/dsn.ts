import type { Rule } from '#pump';

/** What is to be said of a DSN. It names keys and never a value: any of them may be a secret. */
export type DsnProblem = Pick<Rule, 'found' | 'expected' | 'severity'>;

/** A DSN as read. Without a target a problem is an error. */
export interface Reading<T> {
  readonly target: T | undefined;
  readonly problems: readonly DsnProblem[];
}

export const wrong = (found: string, expected: string): DsnProblem => ({
  found,
  expected,
  severity: 'error',
});

export const doubtful = (found: string, expected: string): DsnProblem => ({
  found,
  expected,
  severity: 'warning',
});

/** What is percent-encoded; undefined where it is broken. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `a=b&c=d`; undefined where a percent sign is broken. Later ones win. */
export function queryOf(text: string): Map<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const cut = part.includes('=') ? part.indexOf('=') : part.length;
    const [key, value] = [decoded(part.slice(0, cut)), decoded(part.slice(cut + 1))];
    if (key === undefined || value === undefined) return undefined;
    pairs.set(key, value);
  }
  return pairs;
}

/** The port in a text; undefined where it is none. */
export function portIn(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
