import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it.each(['build:extension', 'demo:capture', 'faults', 'stress', 'profile', 'release', 'test'])(
  'npm run %s -- --help says what it does before it installs, fetches or builds anything',
  async (name) => {
    const script = fileURLToPath(
      new URL(`../scripts/${name.replace(':', '-')}.mjs`, import.meta.url),
    );
    // Without a PATH neither npm nor a server is found.
    const { stdout } = await run(process.execPath, [script, '--help'], { env: { PATH: '' } });
    expect(stdout).toMatch(new RegExp(`^usage: npm (run )?${name}`));
    expect(stdout).not.toMatch(/install|build(ing|s this)/i);
  },
);
