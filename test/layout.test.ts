import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Pump } from '#pump';
import { optionTable } from '#pump/testing';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { releases } from '../scripts/lib/node-releases.mjs';
import { exampleOptions } from '../scripts/lib/pump-example.ts';
import { withTable } from '../scripts/option-tables.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const foldersOf = (path: string): readonly string[] =>
  readdirSync(new URL(path, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
/** What several pumps share; no pump itself. */
const shared = 'shared';
const folders = foldersOf('pumps').filter((name) => name !== shared);

async function load(type: string): Promise<Pump> {
  const found = await findPump(type);
  if (found.outcome !== 'found') throw new Error(`${type} is not in the registry`);
  return found.pump;
}

const sourceNames = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root)).filter((name) => /^[^.]+\.ts$/.test(name));

const sourcesOf = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`${folder}/${name}`));

/** A README before the formatter has aligned its tables. */
const unpadded = (readme: string): string => readme.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---');

/** One whose destination is a database in a file stands with the tests that want a server. */
function contractOf(folder: string): string {
  const live = `${folder}.contract.live.test.ts`;
  const isLive = existsSync(new URL(`pumps/${folder}/${live}`, root));
  return isLive ? live : `${folder}.contract.test.ts`;
}

describe('the registry of pumps', () => {
  it('has one line for each folder', () => {
    expect([...pumpTypes].sort()).toEqual(folders);
  });

  it('tells a type that only Tyk Pump has from one that nobody has', async () => {
    expect(await findPump('timestream')).toEqual({ outcome: 'missing' });
    expect(await findPump('elastic')).toEqual({ outcome: 'unknown' });
    expect(await findPump('constructor')).toEqual({ outcome: 'unknown' });
  });
});

describe.each(folders)('pumps/%s', (folder) => {
  it('has the files of a pump', () => {
    const files = readdirSync(new URL(`pumps/${folder}`, root));

    expect(files).toEqual(expect.arrayContaining(['index.ts', 'README.md', 'example.json']));
    expect(files).toContain(contractOf(folder));
  });

  it('calls what is in every pump by the same names', () => {
    const files = sourceNames(`pumps/${folder}`);
    const named = (pattern: RegExp) => files.filter((name) => pattern.test(name));

    // What the destination's answers mean, and what `open` does before the first batch.
    expect(named(/answer|verdict|judge/).filter((name) => name !== 'answer.ts')).toEqual([]);
    expect(named(/open/).filter((name) => name !== 'opening.ts')).toEqual([]);
    // An index says what the pump is. What takes more than a few lines has a file of its own.
    const index = read(`pumps/${folder}/index.ts`);
    expect(files.includes('opening.ts')).toBe(index.includes('open: openSink'));
    expect(index.split('\n').length).toBeLessThanOrEqual(40);
    expect(/judge|retry\(|reject\(/.test(index)).toBe(false);
  });

  it('is named after its type', async () => {
    const pump = await load(folder);

    expect(pump.type).toBe(folder);
    expect(pump.envPrefix).toMatch(
      pump.records === 'uptime' ? /^TYK_PMP_UPTIMEPUMPCONFIG$/ : /^TYK_PMP_PUMPS_[A-Z0-9_]+_META$/,
    );
  });

  it('has an example that works', async () => {
    const pump = await load(folder);

    const prepared = pump.prepare({
      raw: exampleOptions(pump),
      source: 'example.json',
      key: 'meta',
      env: {},
      envPrefix: pump.envPrefix,
    });

    expect(prepared.problems).toEqual([]);
    expect(prepared.pump).toBeDefined();
  });

  it('has a README with the sections an operator looks for', () => {
    const sections = read(`pumps/${folder}/README.md`).match(/^## .+$/gm) ?? [];

    expect(sections).toEqual(
      expect.arrayContaining([
        '## What it sends',
        '## Options',
        '## What counts as delivered',
        '## When it fails',
        '## Try it locally',
      ]),
    );
  });

  it('has the table of its options in the README (scripts/option-tables.ts writes it)', async () => {
    const pump = await load(folder);
    const readme = read(`pumps/${folder}/README.md`);

    expect(unpadded(readme)).toBe(unpadded(withTable(readme, optionTable(pump))));
  });

  it('explains in the README what its protocol cannot know', () => {
    const contract = read(`pumps/${folder}/${contractOf(folder)}`);
    const readme = read(`pumps/${folder}/README.md`);

    expect(readme.includes('## What it cannot know')).toBe(contract.includes('cannotKnow'));
  });
});

describe.each(foldersOf(`pumps/${shared}`))('pumps/shared/%s', (folder) => {
  it('is used by more than one', () => {
    const users = [...folders, ...foldersOf(`pumps/${shared}`).map((name) => `${shared}/${name}`)]
      .filter((user) => user !== `${shared}/${folder}`)
      .filter((user) => sourcesOf(`pumps/${user}`).some((text) => text.includes(`/${folder}/`)));

    expect(users.length).toBeGreaterThan(1);
  });
});

describe('the version of Node', () => {
  const manifest = JSON.parse(read('package.json')) as {
    readonly engines: { readonly node: string };
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const majorOf = (text: string | undefined): number => Number(/\d+/.exec(text ?? '')?.[0]);
  const oldest = majorOf(manifest.engines.node);

  it('is the same for the package, for developers and for the types', () => {
    expect(majorOf(read('.nvmrc'))).toBe(oldest);
    expect(majorOf(manifest.devDependencies['@types/node'])).toBe(oldest);
  });

  it('is tested from the least on', () => {
    expect(releases[0]).toMatch(new RegExp(`^${manifest.engines.node.replace('>=', '')}\\.`));
  });

  it.runIf(existsSync(new URL('Dockerfile', root)))('is a tested one in the image', () => {
    const images = [...read('Dockerfile').matchAll(/^FROM (?:\S*\/)?node:(\S+)/gm)];
    const majors = new Set(images.map(([, tag]) => majorOf(tag)));

    expect(majors.size).toBe(1);
    for (const major of majors) expect(releases.map(majorOf)).toContain(major);
  });

  it.runIf(existsSync(new URL('Dockerfile', root)))('takes what the image sets', () => {
    const [, line = ''] = /^ENV (NODE_OPTIONS=.*)$/m.exec(read('Dockerfile')) ?? [];
    const settings = line.split(' ').map((setting): [string, string] => {
      const [name = '', ...value] = setting.split('=');
      return [name, value.join('=')];
    });
    const env = Object.fromEntries(settings);
    // An option that a release does not know ends it.
    const script = 'process.stdout.write(process.env.NODE_OPTIONS)';

    expect(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' })).toMatch(
      /^--/,
    );
    for (const [name, value] of settings)
      expect(read('docs/performance.md')).toContain(`${name}=${value}`);
  });
});
