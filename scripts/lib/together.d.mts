import type { Metafile, Plugin } from 'esbuild';

export function loadedTogether(
  metafile: Metafile,
  root: string,
  entries: { readonly first: readonly string[]; readonly others: readonly string[] },
): Plugin;
