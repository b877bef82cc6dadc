import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needGoTool } from './go.ts';

const run = promisify(execFile);

/** Throws `Unavailable` where it is not there and cannot be built; that takes a quarter of a minute. */
export const needActionlint = (): Promise<string> =>
  needGoTool({
    name: 'actionlint',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    version: 'v1.7.12',
  });

/** What it says against a workflow; nothing where all is well. Without the linters of shells and Python, which may be here or not. */
export async function lintWorkflow(file: string): Promise<string> {
  const args = ['-no-color', '-shellcheck=', '-pyflakes=', file];
  return run(await needActionlint(), args).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return stdout + stderr || String(error);
    },
  );
}
