import { nearest } from '../lib/nearest.ts';
import { visible } from '../lib/visible.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Whether every name after a flag is one there is, in any letter case; else says which is not, and what there is. A
 * misspelt name would otherwise be an answer: that nothing is there.
 */
export function areKnown(
  flag: string,
  said: readonly string[],
  known: Iterable<string>,
  { stderr }: Pick<CommandContext, 'stderr'>,
): boolean {
  const names = [...new Set(known)].sort();
  const lower = new Set(names.map((name) => name.toLowerCase()));
  const unknown = said.filter((name) => !lower.has(name.toLowerCase()));
  for (const name of unknown) {
    const guess = nearest(name, names);
    const hint = guess === undefined ? '' : `; did you mean ${visible(guess)}?`;
    const there =
      names.length === 0 ? 'there is none' : `there are ${names.map(visible).join(', ')}`;
    stderr.write(`sluice: error: no ${flag} ${visible(name)}${hint} (${there})\n`);
  }
  return unknown.length === 0;
}
