/** What every source has, and the page of capturing as the declarations have it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SourceKind } from '#source';
import { captureTables, relayTables, sourceOptionTable } from '../scripts/lib/capture-tables.ts';
import { withTable, withTables } from '../scripts/option-tables.ts';
import { commandNames, findCommand, findSource, sourceTypes } from '../sources/index.ts';
import { loadCapture } from '../src/capture/service/config/load.ts';
import { reservedNames } from '../src/capture/service/config/options.ts';
import { readCaptureFile } from '../src/capture/service/config/written.ts';
import { problemLines } from '../src/config/structured/object.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const foldersOf = (path: string): readonly string[] =>
  readdirSync(new URL(path, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
/** One that is begun and has no index is not there yet. */
const folders = foldersOf('sources').filter((name) =>
  existsSync(new URL(`sources/${name}/index.ts`, root)),
);
const unpadded = (page: string): string => page.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---');

async function load(type: string): Promise<SourceKind> {
  const kind = await findSource(type);
  if (kind === undefined) throw new Error(`${type} is not in sources/index.ts`);
  return kind;
}

describe('the list of sources', () => {
  it('has one line for each folder', () => {
    expect([...sourceTypes].sort()).toEqual([...folders].sort());
  });

  it('knows no other, whatever it is called', async () => {
    expect(await findSource('constructor')).toBeUndefined();
    expect(await findCommand('__proto__')).toBeUndefined();
  });

  it('has commands under the names that they have', async () => {
    for (const name of commandNames) {
      expect((await findCommand(name))?.name).toBe(name);
      expect(sourceTypes).not.toContain(name);
    }
  });
});

describe.each(folders)('sources/%s', (folder) => {
  it('is named after its type', async () => {
    expect((await load(folder)).type).toBe(folder);
  });

  it('has an index that only says what the source is', () => {
    const index = read(`sources/${folder}/index.ts`);

    expect(index.split('\n').length).toBeLessThanOrEqual(60);
    expect(index).toContain('defineSource(');
  });

  it('has no option that the process has', async () => {
    const names = Object.keys((await load(folder)).options);

    expect(names.filter((name) => reservedNames.includes(name))).toEqual([]);
  });

  it('has a README with the sections an operator looks for, and the table of its options', async () => {
    const readme = read(`sources/${folder}/README.md`);
    const sections = readme.match(/^## .+$/gm) ?? [];

    expect(sections).toEqual(
      expect.arrayContaining([
        ...['## What it sees', '## Options', '## Security'],
        expect.stringMatching(/^## Try it/),
      ]),
    );
    const table = sourceOptionTable(await load(folder));
    expect(unpadded(readme)).toBe(unpadded(withTable(readme, table)));
  });
});

describe('docs/capture.md', () => {
  it('has the tables that `npm run option-tables` writes', async () => {
    const page = read('docs/capture.md');

    expect(unpadded(page)).toBe(unpadded(withTables(page, await captureTables())));
  });
});

describe('docs/capture-http.md', () => {
  it('has the table that `npm run option-tables` writes', () => {
    const page = read('docs/capture-http.md');

    expect(unpadded(page)).toBe(unpadded(withTables(page, relayTables())));
  });
});

describe('metrics of what captures', () => {
  const codeIn = (folder: string): readonly string[] =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => /^(?!.*\.(?:test|testing)\.ts$).*\.ts$/.test(name))
      .map((name) => read(`${folder}/${name}`));
  const metricsIn = (folder: string): readonly string[] =>
    codeIn(folder).flatMap((code) =>
      [...code.matchAll(/\bname: '((?:sluice|datakit)_[a-z\d_]+)'/g)].map(([, name = '']) => name),
    );
  const all = folders.map((name) => `sources/${name}`);
  const shared = read('docs/capture.md') + read('docs/capture-http.md');

  it.each(['src/capture', 'sources/shared', ...all])('all of %s are in its page', (folder) => {
    // What sources share may be on the page of the one that uses it.
    const owners = folder.startsWith('sources/') && folder !== 'sources/shared' ? [folder] : all;
    const pages = shared + owners.map((owner) => read(`${owner}/README.md`)).join('');

    expect(metricsIn(folder).filter((name) => !pages.includes(`\`${name}`))).toEqual([]);
  });

  it('are found', () => {
    expect(metricsIn('src/capture').length).toBeGreaterThan(10);
    expect(metricsIn('sources/gateway').length).toBeGreaterThan(2);
  });
});

const examples = folders
  .map((folder) => `sources/${folder}/example.yaml`)
  .filter((path) => existsSync(new URL(path, root)));

describe.each(['config/capture.yaml', 'deploy/capture/capture.yaml', ...examples])('%s', (path) => {
  it('is a configuration that works', async () => {
    const readFile = (file: string): Promise<string> => Promise.resolve(read(file));
    const from = { env: { REDIS_PASSWORD: 'x' }, readFile, findSource, types: sourceTypes };

    const { config, problems } = await loadCapture(await readCaptureFile(path, readFile), from);

    expect(problems.flatMap(problemLines)).toEqual([]);
    expect(config?.sources.length).toBeGreaterThan(0);
  });
});

describe('deploy/capture/compose.yaml', () => {
  const compose = parse(read('deploy/capture/compose.yaml')) as {
    readonly services: Readonly<
      Record<
        string,
        { readonly volumes?: readonly string[]; readonly build?: { readonly target?: string } }
      >
    >;
  };

  it('mounts files that are there, and builds a target that the Dockerfile has', () => {
    for (const { volumes = [], build } of Object.values(compose.services)) {
      for (const volume of volumes) {
        const [file = ''] = volume.split(':');
        expect(existsSync(new URL(`deploy/capture/${file}`, root))).toBe(true);
      }
      if (build?.target !== undefined)
        expect(read('Dockerfile')).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, 'm'));
    }
    expect(compose.services['capture']?.build?.target).toBe('sluice-capture');
  });
});
