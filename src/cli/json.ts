import { visible } from '../lib/visible.ts';
import { snakeCase } from '../operate/json.ts';
import type { Output } from './command-context.ts';

/**
 * What a command found, for programs: one document on one line, its names in snake_case. Their meaning stays from version to
 * version; others may be added.
 */
export function printJson(stdout: Output, found: object): void {
  stdout.write(`${visible(JSON.stringify(snakeCase(found)))}\n`);
}
