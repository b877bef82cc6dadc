import type { Finding } from '#source';
import { inspectFiles, inspectStateFile } from '../shared/files/inspect-files.ts';
import type { Options } from './options.ts';

/** What would be wrong with the files that the options name. With `follow` they may come later. Never rejects. */
export async function inspectAccessLog(options: Options): Promise<readonly Finding[]> {
  const { file, follow, state_file: state } = options;
  return [
    ...(await inspectFiles(file, (index) => `file[${index}]`, {
      severity: follow ? 'warning' : 'error',
      expected: 'a log that can be read',
    })),
    ...(await inspectStateFile(state)),
  ];
}
