import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needGoTool } from './go.ts';

const run = promisify(execFile);

/** The parser of `docker compose` itself. Throws `Unavailable` where it is not there and cannot be built; that takes seconds. */
export const needComposeParser = (): Promise<string> =>
  needGoTool({
    name: 'cmd',
    folder: 'compose-go',
    package: 'github.com/compose-spec/compose-go/v2/cmd',
    version: 'v2.16.2',
  });

/** What it makes of a file, or says against it. */
export async function parseComposition(
  file: string,
): Promise<{ readonly ok: boolean; readonly said: string }> {
  return run(await needComposeParser(), ['--format', 'json', file], {
    env: { PATH: process.env['PATH'] },
  }).then(
    ({ stdout }) => ({ ok: true, said: stdout }),
    (error: unknown) => {
      const { stdout = '', stderr = String(error) } = error as { stdout?: string; stderr?: string };
      return { ok: false, said: stdout + stderr };
    },
  );
}
