import type { Output } from './command-context.ts';
import { visible } from './visible.ts';

/**
 * What a command found, for programs: one document on one line, its names in snake_case. Their meaning stays from version to
 * version; others may be added.
 */
export function printJson(stdout: Output, found: object): void {
  stdout.write(`${visible(JSON.stringify(snakeCase(found)))}\n`);
}

/** Of strangers, who named what is in it: it stays as it is. */
export const verbatim = (json: string): Verbatim => new Verbatim(JSON.parse(json));

class Verbatim {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

function snakeCase(value: unknown): unknown {
  if (value instanceof Verbatim) return value.value;
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(inner),
    ]),
  );
}
