import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needGoTool } from './go.ts';

const run = promisify(execFile);
const mostOutput = 16 * 1024 * 1024;

/** What a command said, and whether it was content. */
export interface Said {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Its program. Throws `Unavailable` where it is not there and cannot be built; that takes one and a half minutes. */
export const needHelm = (): Promise<string> =>
  needGoTool({ name: 'helm', package: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0' });

/** Without anything that its user has configured. */
export async function helm(args: readonly string[]): Promise<Said> {
  const program = await needHelm();
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
  return run(program, args, { env, maxBuffer: mostOutput }).then(
    ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
    (error: unknown) => {
      const { stdout = '', stderr = String(error) } = error as Partial<Said>;
      return { ok: false, stdout, stderr };
    },
  );
}
