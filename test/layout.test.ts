import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Pump } from '#pump';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { optionTable, withTable } from '../scripts/option-tables.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const folders = readdirSync(new URL('pumps', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

async function load(type: string): Promise<Pump> {
  const found = await findPump(type);
  if (found.outcome !== 'found') throw new Error(`${type} is not in the registry`);
  return found.pump;
}

/** A README before the formatter has aligned its tables. */
const unpadded = (readme: string): string => readme.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---');

interface Example {
  readonly pumps: Readonly<
    Record<string, { readonly type: string; readonly meta?: Readonly<Record<string, unknown>> }>
  >;
}

describe('the registry of pumps', () => {
  it('has one line for each folder', () => {
    expect([...pumpTypes].sort()).toEqual(folders);
  });

  it('tells a type that only Tyk Pump has from one that nobody has', async () => {
    expect(await findPump('sql-graph-aggregate')).toEqual({ outcome: 'missing' });
    expect(await findPump('elastic')).toEqual({ outcome: 'unknown' });
    expect(await findPump('constructor')).toEqual({ outcome: 'unknown' });
  });
});

describe.each(folders)('pumps/%s', (folder) => {
  it('has the files of a pump', () => {
    const files = readdirSync(new URL(`pumps/${folder}`, root));

    expect(files).toEqual(
      expect.arrayContaining([
        'index.ts',
        'README.md',
        'example.json',
        `${folder}.contract.test.ts`,
      ]),
    );
  });

  it('is named after its type', async () => {
    const pump = await load(folder);

    expect(pump.type).toBe(folder);
    expect(pump.envPrefix).toMatch(/^TYK_PMP_PUMPS_[A-Z0-9_]+_META$/);
  });

  it('has an example that works', async () => {
    const pump = await load(folder);
    const example = JSON.parse(read(`pumps/${folder}/example.json`)) as Example;
    const [[name, entry] = ['', { type: '' }]] = Object.entries(example.pumps);

    const prepared = pump.prepare({
      raw: entry.meta,
      source: 'example.json',
      key: `pumps.${name}.meta`,
      env: {},
      envPrefix: pump.envPrefix,
    });

    expect(entry.type).toBe(folder);
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
    const contract = read(`pumps/${folder}/${folder}.contract.test.ts`);
    const readme = read(`pumps/${folder}/README.md`);

    expect(readme.includes('## What it cannot know')).toBe(contract.includes('cannotKnow'));
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

  it.runIf(existsSync(new URL('Dockerfile', root)))('is not older in the image', () => {
    const images = [...read('Dockerfile').matchAll(/^FROM (?:\S*\/)?node:(\S+)/gm)];

    expect(new Set(images.map(([, tag]) => majorOf(tag) >= oldest))).toEqual(new Set([true]));
  });
});
