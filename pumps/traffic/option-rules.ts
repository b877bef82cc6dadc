import { type Rule, rulesFor } from '#pump';
import type { Options } from './options.ts';

const { error } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf({ folder }: Options): Iterable<Rule> {
  if (folder === '' || folder.includes('\0'))
    yield error('folder', 'no name of a folder', 'such as "/var/lib/sluice/traffic"');
}
