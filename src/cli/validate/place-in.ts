import type { Located } from '../../config/locate.ts';
import type { Note, Problem } from '../../config/problem.ts';
import type { LoadedConfig } from '../command-context.ts';

/** Where in the file a finding is; undefined: in a variable, or nowhere in it. */
export const placeIn = (
  { locate }: LoadedConfig,
  { source, key }: Pick<Problem | Note, 'source' | 'key'>,
): Located | undefined => (source === 'environment' ? undefined : locate?.(key));
