import { type Rule, rulesFor } from '#pump';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  const { path, rotate_bytes, rotate_every, gzip, keep_files, keep_bytes, keep_for } = options;
  if (path === '' || path.endsWith('/') || path.includes('\0'))
    yield error('path', 'no name of a file', 'such as "/var/log/sluice/analytics.ndjson"');
  const isRotated = rotate_bytes > 0 || rotate_every > 0;
  const wantsAside = gzip || keep_files > 0 || keep_bytes > 0 || keep_for > 0;
  if (!isRotated && wantsAside)
    yield warning(
      gzip ? 'gzip' : 'keep_files',
      'an option about files that were put aside',
      'rotate_bytes or rotate_every as well: no effect alone',
    );
}
