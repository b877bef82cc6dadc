import { type Rule, rulesFor } from '#pump';
import type { Options } from './options.ts';

const { error } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf({ name }: Options): Iterable<Rule> {
  if (!/^[\w.-]{1,100}$/.test(name))
    yield error('name', 'other characters', 'letters, digits, ".", "_" and "-"');
}
