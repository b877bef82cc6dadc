/** `npm run release` in a repository of its own. */
import { execFile } from 'node:child_process';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { helm, needHelm } from '../../services/helm.ts';
import { scratchFolder, whyUnavailable } from '../../services/process.ts';
import { copyCheckout, linkPackages } from './checkout.ts';
import { operatorEnvironment } from './shell.ts';

const run = promisify(execFile);
const today = () => new Date().toISOString().slice(0, 10);
/** Later than any that this repository will have. */
const version = '999.0.0';
const line = '- What this test says of the release.';

/** Of CycloneDX, what is looked at here. */
interface Bill {
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly licenses: readonly unknown[];
    readonly hashes: readonly unknown[];
  }[];
}

describe('npm run release', { timeout: 300_000 }, () => {
  let folder: string;
  let base: string;
  const env = {
    ...operatorEnvironment(),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'A person',
    GIT_AUTHOR_EMAIL: 'person@example.com',
    GIT_COMMITTER_NAME: 'A person',
    GIT_COMMITTER_EMAIL: 'person@example.com',
  };
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', args, { cwd: folder, env })).stdout.trim();
  const read = (name: string) => readFile(path.join(folder, name), 'utf8');
  const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
  const made = (name: string) => path.join(folder, '.cache', 'release', version, name);
  const commit = () => git('commit', '--quiet', '--all', '--message', 'Change something');

  const release = (...args: readonly string[]): Promise<{ code: number; said: string }> =>
    new Promise((resolve) => {
      const all = ['scripts/release.mjs', ...args];
      execFile(process.execPath, all, { cwd: folder, env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), said: out + err });
      });
    });

  const changelogWith = async (text: string) => {
    const changelog = await read('CHANGELOG.md');
    return changelog.replace(/## Unreleased\n[^]*?(?=\n## |$)/, `## Unreleased\n${text}`);
  };

  beforeAll(async () => {
    folder = await scratchFolder('release');
    await copyCheckout(folder);
    await linkPackages(folder);
    await write('CHANGELOG.md', await changelogWith(`\n### Added\n\n${line}\n`));
    await git('init', '--quiet', '--initial-branch', 'main');
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'Begin');
    base = await git('rev-parse', 'HEAD');
  }, 300_000);
  describe('of a checkout that is fit for it', () => {
    beforeAll(async () => {
      expect(await release(version, '--skip-checks')).toMatchObject({ code: 0 });
    }, 300_000);

    it('builds the files, says what is in them, commits and tags', async () => {
      const subjects = await git('log', '--format=%s', `${base}..`);
      expect(subjects).toBe(`Keep the program of ${version}\nRelease ${version}`);
      expect(await git('cat-file', '-t', `v${version}`)).toBe('tag');
      expect(await git('rev-parse', `v${version}^{commit}`)).toBe(await git('rev-parse', 'HEAD~1'));
      expect(await git('status', '--porcelain')).toBe('');
      const changed = (await git('diff', '--numstat', base, `v${version}`)).split('\n');
      expect(changed).toEqual([
        '2\t0\tCHANGELOG.md',
        '2\t2\tdeploy/helm/sluice/Chart.yaml',
        '2\t2\tpackage-lock.json',
        '1\t1\tpackage.json',
      ]);
      expect(await read('CHANGELOG.md')).toContain(
        `## Unreleased\n\n## ${version} (${today()})\n\n### Added\n\n${line}\n`,
      );
      await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: made('') });
      const { stdout } = await run('tar', [
        '-xzOf',
        made(`sluice-${version}.tgz`),
        'package/package.json',
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ name: 'sluice', version });
      const notes = await readFile(made(`sluice-${version}.md`), 'utf8');
      expect(notes).toContain(line);
      expect(notes).not.toContain('Unreleased');
    });

    it('keeps the program for the test that runs it beside the next version', async () => {
      const release = JSON.parse(await read('test/fixtures/last-release/release.json')) as unknown;

      expect(release).toEqual({ version, commit: await git('rev-parse', 'HEAD~1') });
      expect(await git('diff', '--name-only', 'HEAD~1')).toBe(
        'test/fixtures/last-release/program.json.br\ntest/fixtures/last-release/release.json',
      );
    });

    it('gives the same bytes to whoever builds the tag elsewhere', async () => {
      const elsewhere = path.join(await scratchFolder('elsewhere'), 'deeper', 'clone');
      await git('clone', '--quiet', '--branch', `v${version}`, folder, elsewhere);
      await linkPackages(elsewhere);

      // As .github/workflows/release.yml does it.
      const args = ['scripts/release-files.mjs', '--tag', `v${version}`, '--folder', 'files'];
      await run(process.execPath, args, { cwd: elsewhere, env });

      const sums = await readFile(path.join(elsewhere, 'files', 'SHA256SUMS'), 'utf8');
      expect(sums).toBe(await readFile(made('SHA256SUMS'), 'utf8'));
      const other = ['scripts/release-files.mjs', '--tag', 'v1.0.0'];
      await expect(run(process.execPath, other, { cwd: elsewhere, env })).rejects.toThrow(
        `the version is ${version}, and the tag v1.0.0`,
      );
    });

    it('packs the chart where there is Helm', async ({ skip }) => {
      const obstacle = await whyUnavailable(needHelm);
      if (obstacle !== undefined) skip(obstacle);
      const elsewhere = path.join(await scratchFolder('elsewhere'), 'clone');
      await git('clone', '--quiet', '--branch', `v${version}`, folder, elsewhere);
      await linkPackages(elsewhere);

      const args = ['scripts/release-files.mjs', '--helm', await needHelm(), '--folder', 'files'];
      await run(process.execPath, args, { cwd: elsewhere, env });

      const files = path.join(elsewhere, 'files');
      await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: files });
      const { ok, stdout } = await helm([
        'show',
        'chart',
        path.join(files, `sluice-chart-${version}.tgz`),
      ]);
      expect(ok).toBe(true);
      expect(stdout).toContain(`\nversion: ${version}\n`);
      expect(await readdir(files)).toHaveLength(5);
    });

    it('lists what is within the bundle and what is installed beside it, and nothing else', async () => {
      const bill = JSON.parse(await readFile(made(`sluice-${version}.cdx.json`), 'utf8')) as Bill;
      const names = bill.components.map(({ name }) => name);
      const bare = bill.components.filter((one) => one.licenses.length * one.hashes.length === 0);

      expect(bill.metadata.component).toMatchObject({ name: 'sluice', version });
      expect(names).toEqual(
        expect.arrayContaining([
          '@elastic/transport',
          'ioredis',
          'denque',
          '@platformatic/wasm-utils',
        ]),
      );
      expect(names).toEqual(expect.arrayContaining(['unix-dgram', 'bindings', 'nan']));
      expect(names).not.toContain('vitest');
      expect(bare).toEqual([]);
    });
  });

  describe('of any other, or in a dry run', () => {
    beforeEach(async () => {
      await git('checkout', '--quiet', '--force', '-B', 'main', base);
      for (const tag of (await git('tag')).split('\n').filter(Boolean)) await git('tag', '-d', tag);
    });

    it('leaves everything as it was in a dry run', async () => {
      const { code, said } = await release('major', '--skip-checks', '--dry-run');

      expect([code, await git('status', '--porcelain'), await git('tag')]).toEqual([0, '', '']);
      expect(await git('rev-parse', 'HEAD')).toBe(base);
      expect(said).toContain('Nothing was committed or tagged.');
    });

    it('leaves everything as it was where the build fails', async () => {
      await appendFile(path.join(folder, 'src', 'main.ts'), '\nthis is no program\n');
      await commit();

      const { code, said } = await release(version, '--skip-checks');

      expect(said).toContain('No release: npm pack');
      expect([code, await git('status', '--porcelain'), await git('tag')]).toEqual([1, '', '']);
      expect(await git('log', '-1', '--format=%s')).toBe('Change something');
    });

    it('runs the checks unless told not to', async () => {
      const manifest = JSON.parse(await read('package.json')) as { readonly scripts: object };
      const scripts = { ...manifest.scripts, check: 'echo checked', test: 'echo tested; exit 3' };
      await write('package.json', JSON.stringify({ ...manifest, scripts }));
      await commit();

      const { code, said } = await release(version);

      expect(said).toMatch(/^checked\n[^]*^tested\n[^]*No release: npm run test failed/m);
      expect([code, await git('status', '--porcelain'), await git('tag')]).toEqual([1, '', '']);
    });

    it.each([
      [
        'another branch',
        () => git('switch', '--quiet', '--create', 'topic'),
        'releases are made on main',
      ],
      ['a file that git does not know', () => write('new.txt', ''), 'not committed:\n?? new.txt'],
      ['a change', () => write('README.md', ''), 'not committed:\nM README.md'],
      [
        'a tag of that name',
        () => git('tag', `v${version}`),
        `the tag v${version} is there already`,
      ],
      [
        'a changelog that has the version',
        async () => {
          await write(
            'CHANGELOG.md',
            `${await read('CHANGELOG.md')}\n## ${version} (2020-01-01)\n`,
          );
          await commit();
        },
        `CHANGELOG.md has a section ${version} already`,
      ],
      [
        'a changelog that says nothing',
        async () => {
          await write('CHANGELOG.md', await changelogWith('\n### Added\n'));
          await commit();
        },
        'CHANGELOG.md says nothing under "Unreleased"',
      ],
    ])('refuses %s', async (_, arrange, reason) => {
      await arrange();
      const before = await git('status', '--porcelain');
      const { code, said } = await release(version, '--skip-checks');
      const after = await git('status', '--porcelain');
      await git('clean', '--force', '--quiet', '--', 'new.txt');

      expect(said).toContain(reason);
      expect([code, after]).toEqual([1, before]);
    });

    it.each([
      ['0.0.1', 'is not later than'],
      ['v1', 'is no version such as 1.2.3'],
      ['', 'is no version such as 1.2.3'],
    ])('refuses the version %j', async (wanted, reason) => {
      const { code, said } = await release(wanted, '--skip-checks');

      expect([code, await git('tag')]).toEqual([2, '']);
      expect(said).toContain(reason);
    });
  });
});
