import type { Finding } from '#source';
import { inspectFiles, inspectStateFile } from '../shared/files/inspect-files.ts';
import type { Options } from './options.ts';

/** What would be wrong with the files that the options name. With `watch` they may come later. Never rejects. */
export async function inspectHar(options: Options): Promise<readonly Finding[]> {
  const { files, watch, state_file: state } = options;
  return [
    ...(await inspectFiles(files, (index) => `files[${index}]`, {
      severity: watch ? 'warning' : 'error',
      expected: 'a file or a folder that can be read',
    })),
    ...(await inspectStateFile(state)),
  ];
}
