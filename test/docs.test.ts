import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { exampleConfig } from '../scripts/lib/example-config.ts';
import { pumpTable, unpadded, withServiceTables, withTable } from '../scripts/option-tables.ts';
import { loadConfig } from '../src/config/load.ts';
import { checkPumps } from '../src/pump/check-pumps.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('docs/configuration.md', () => {
  it('has the tables of the options (npm run option-tables writes them)', () => {
    const page = read('docs/configuration.md');

    expect(unpadded(page)).toBe(unpadded(withServiceTables(page)));
  });
});

describe('README.md', () => {
  it('names every pump (npm run option-tables writes the table)', async () => {
    const readme = read('README.md');

    expect(unpadded(readme)).toBe(unpadded(withTable(readme, await pumpTable(), 'pumps')));
  });
});

describe('config/example.json', () => {
  it('holds every declared option (npm run option-tables writes it)', async () => {
    expect(JSON.parse(read('config/example.json'))).toEqual(await exampleConfig());
  });

  it('is accepted without a complaint', async () => {
    const { config, problems } = await loadConfig({
      path: 'config/example.json',
      env: {},
      readFile: (path) => Promise.resolve(read(path)),
      types: pumpTypes,
    });
    const checked = await checkPumps(config?.pumps ?? [], findPump);

    expect([...problems, ...checked.problems, ...checked.leftOut]).toEqual([]);
    expect(checked.usable).toHaveLength(pumpTypes.length);
  });
});

describe.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs()])(
  '%s',
  (page) => {
    it('links to files that are there', () => {
      const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
        ([, to]) => to ?? '',
      );
      const base = new URL(page, root);

      for (const link of links)
        expect(() => readFileSync(new URL(link, base)), link).not.toThrow(/ENOENT/);
    });
  },
);

function docs(): readonly string[] {
  return readdirSync(new URL('docs', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
}
