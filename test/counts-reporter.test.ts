import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

it('says where a worker broke, and by what', async () => {
  const failures = await failuresOf(`
    test('is well', () => undefined);
    test('breaks', async () => {
      // As V8 does: past the console, which vitest takes over.
      process.stderr.write('FATAL ERROR: out of luck\\n');
      // Results go to the reporter a few times a second.
      await new Promise((resolve) => setTimeout(resolve, 500));
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => undefined);
    });
  `);

  expect(failures).toEqual([
    'outside of any test: [vitest-pool]: Worker forks emitted error. ← Worker exited unexpectedly',
    // The first of whose end the reporter knows nothing: vitest may not have told it of the one before yet.
    expect.stringMatching(/^broken\.test\.js > (?:is well|breaks): did not come to an end$/),
    'outside of any test: a worker ended by SIGKILL (FATAL ERROR: out of luck)',
  ]);
});

it('says what an error outside of any test was caused by', async () => {
  const failures = await failuresOf(`
    test('is well', async () => {
      setTimeout(() => { throw new Error('above', { cause: new TypeError('below') }); });
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
  `);

  expect(failures).toEqual(['outside of any test: above ← below']);
});

/** Of a run of vitest over this one file, with our reporter. */
async function failuresOf(test: string): Promise<unknown> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-reporter-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'broken.test.js'), test);
  const counts = path.join(folder, 'counts.json');
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  await new Promise((resolve) => {
    execFile(
      process.execPath,
      [
        path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
        ...['run', '--globals', '--root', folder],
        ...['--reporter', path.join(root, 'scripts', 'lib', 'counts-reporter.mjs')],
      ],
      { env: { ...Object.fromEntries(own), SLUICE_COUNTS: counts } },
      resolve,
    );
  });
  const { failures } = JSON.parse(await readFile(counts, 'utf8')) as { failures: unknown };
  return failures;
}
