import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { captureMetricNames } from '../scripts/lib/capture-tables.ts';
import { exampleConfig } from '../scripts/lib/example-config.ts';
import { fieldTable } from '../scripts/lib/field-tables.ts';
import { unitOf } from '../scripts/lib/metric-tables.ts';
import { exampleOptions } from '../scripts/lib/pump-example.ts';
import {
  pumpTable,
  unpadded,
  withMetricTables,
  withPumpMetrics,
  withServiceTables,
  withTable,
} from '../scripts/option-tables.ts';
import { sourceTypes } from '../sources/index.ts';
import { metricGroups } from '../src/app/declared-metrics.ts';
import { loadConfig } from '../src/config/load.ts';
import { metricHelp } from '../src/console/web/metric-help.ts';
import { reviewPumps } from '../src/pump/review-pumps.ts';
import { docsPages, proseOf, sectionsOf } from './pages.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('docs/configuration.md', () => {
  it('has the tables of the options (npm run option-tables writes them)', () => {
    const page = read('docs/configuration.md');

    expect(unpadded(page)).toBe(unpadded(withServiceTables(page)));
  });
});

it('docs/fields.md says what each pump carries (npm run option-tables writes it)', async () => {
  const page = read('docs/fields.md');
  expect(unpadded(page)).toBe(unpadded(withTable(page, await fieldTable(), 'fields')));
});

it('the console says of a figure what the metric says (src/console/web/metric-help.ts)', () => {
  const declared = Object.values(metricGroups()).flat();
  expect(metricHelp).toEqual(
    Object.fromEntries(
      declared.filter(({ name }) => name in metricHelp).map(({ name, help }) => [name, help]),
    ),
  );
});

describe('docs/metrics.md', () => {
  const ours = Object.entries(metricGroups()).flatMap(([group, metrics]) =>
    group === 'process' ? [] : metrics,
  );

  // Elsewhere the library knows fewer of the process's metrics.
  it.runIf(process.platform === 'linux')(
    'has the tables of the metrics (npm run option-tables writes them)',
    () => {
      const page = read('docs/metrics.md');

      expect(unpadded(page)).toBe(unpadded(withMetricTables(page)));
    },
  );

  it.each(['model', 'traffic'])(
    'has those of the pump %s in its README (npm run option-tables)',
    (type) => {
      const readme = read(`pumps/${type}/README.md`);

      expect(unpadded(readme)).toBe(unpadded(withPumpMetrics(readme, type)));
    },
  );

  it('says of each metric of ours what it counts', () => {
    expect(ours.filter((metric) => unitOf(metric) === '–')).toEqual([]);
    expect(ours.filter(({ help }) => !/\.$/.test(help))).toEqual([]);
  });

  it('has a row for each metric that other pages speak of', () => {
    // Those of a source have their rows in its README.
    const ofSources = sourceTypes.flatMap((type) =>
      [...read(`sources/${type}/README.md`).matchAll(/^\| `(sluice_[a-z_]+)/gm)].map(
        ([, name = '']) => name,
      ),
    );
    const all = [...ours.map(({ name }) => name), ...captureMetricNames(), ...ofSources];
    const known = new Set(all);
    const pages = ['README.md', 'ARCHITECTURE.md', ...docsPages];
    const spoken = pages.flatMap((page) =>
      [...read(page).matchAll(/`(sluice_[a-z_]+)(?:\{[^`]*\})?`/g)].map(([, name = '']) => name),
    );

    expect(spoken.length).toBeGreaterThan(10);
    expect(spoken.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  const manifest = JSON.parse(read('package.json')) as Readonly<
    Record<
      'dependencies' | 'optionalDependencies' | 'devDependencies',
      Readonly<Record<string, string>>
    >
  >;
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const used = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
  const rows = [...read('docs/dependencies.md').matchAll(/^\| (`[^|]*) \|/gm)];
  const named = rows.flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^` ]+)`/g)].map(([, name = '']) => name),
  );

  it('has a row for each package of package.json, and for no other', () => {
    expect(used.filter((name) => !named.includes(name))).toEqual([]);
    expect(named.filter((name) => !used.includes(name))).toEqual([]);
  });
});

describe('README.md', () => {
  it('names every pump (npm run option-tables writes the table)', async () => {
    const readme = read('README.md');

    expect(unpadded(readme)).toBe(unpadded(withTable(readme, await pumpTable(), 'pumps')));
  });

  it('has no figure that the section it links to does not have', () => {
    const figures = [
      ...read('README.md').matchAll(/\[([^\]]*\d\.\d[^\]]*)\]\((docs\/[\w-]+\.md)#([\w-]+)\)/g),
    ].flatMap(([, text = '', page = '', section = '']) =>
      [...text.matchAll(/\d+\.\d+/g)].map(([figure]) => ({ figure, page, section })),
    );

    expect(figures.length).toBeGreaterThan(2);
    for (const { figure, page, section } of figures) {
      const at = sectionsOf(page).indexOf(section);
      expect(proseOf(read(page)).split(/^(?=#+ )/m)[at]).toContain(figure);
    }
  });
});

describe('docs/guarantees.md, what is guaranteed', () => {
  const rows = [...read('docs/guarantees.md').matchAll(/^\| `([\w-]+)` +\|[^|]*\|([^|]*)\|$/gm)];
  const named = new Map(
    rows.map(([, guarantee = '', pumps = '']) => [guarantee, pumps.match(/[a-z][\w-]+/g) ?? []]),
  );

  it.each(pumpTypes)('names %s where it belongs', async (type) => {
    const found = await findPump(type);
    if (found.outcome !== 'found') throw new Error('no such pump');
    const said = [exampleOptions(found.pump), {}];
    const guarantees = said
      .map((raw) => {
        const { envPrefix } = found.pump;
        return found.pump.prepare({ raw, source: 'x', key: 'meta', env: {}, envPrefix }).pump;
      })
      .flatMap((pump) => (pump === undefined ? [] : [pump.guarantee]));

    expect(guarantees).not.toEqual([]);
    for (const guarantee of guarantees) expect(named.get(guarantee), guarantee).toContain(type);
  });
});

/** What `validate --strict` would say of a file, and the types of the pumps that it has. */
async function strictly(path: string): Promise<readonly [unknown, readonly string[]]> {
  const { config, problems } = await loadConfig({
    path,
    env: {},
    readFile: (name) => Promise.resolve(read(name)),
    types: pumpTypes,
  });
  const reviewed = await reviewPumps(config?.pumps ?? [], { findPump, admin: config?.health });
  const said = [...problems, ...reviewed.problems, ...reviewed.leftOut];
  return [said, reviewed.usable.map(({ kind }) => kind.type)];
}

describe.each(pumpTypes)('pumps/%s/example.json', (type) => {
  it('passes validate --strict', async () => {
    const [said, types] = await strictly(`pumps/${type}/example.json`);

    expect(said).toEqual([]);
    expect(types).toContain(type);
  });
});

const configurations = [
  // One for capturing is none of a pump's: test/sources.test.ts.
  ...readdirSync(new URL('config', root))
    .filter((name) => name.endsWith('.json'))
    .map((name) => `config/${name}`),
  // What the chart makes of its values: test/e2e/deploy/chart.test.ts.
  ...['deploy/compose/pump.json', 'deploy/capture/pump.json', 'deploy/helm/sluice/files/pump.json'],
];

describe.each(configurations)('%s', (name) => {
  it('passes validate --strict', async () => {
    const [said, types] = await strictly(name);

    expect(said).toEqual([]);
    expect(types).not.toEqual([]);
  });
});

describe('config/example.json', () => {
  it('holds every declared option (npm run option-tables writes it)', async () => {
    expect(JSON.parse(read('config/example.json'))).toEqual(await exampleConfig());
  });

  it('has every pump', async () => {
    const [, types] = await strictly('config/example.json');

    expect(types).toHaveLength(Object.keys((await exampleConfig())['pumps'] as object).length + 1);
  });
});

describe('docs/tyk-pump.md', () => {
  const headings = new Set(
    [...read('docs/tyk-pump.md').matchAll(/^## (.+)$/gm)].map(([, text]) => text),
  );
  const folders = ['src', 'pumps', 'test', 'scripts', 'bench'];
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const referred = files.flatMap((file) =>
    [...read(file).matchAll(/tyk-pump\.md, "([^"$]+)"/g)].map(([, heading = '']) => ({
      file,
      heading: heading.replace(/\s*\n\s*\*\s*/g, ' '),
    })),
  );

  it('has what comments point to', () => {
    expect(referred.length).toBeGreaterThan(50);
    expect(referred.filter(({ heading }) => !headings.has(heading))).toEqual([]);
  });
});

describe('test/fixtures/last-release', () => {
  it('is one of the last two releases of the changelog (scripts/keep-release.mjs keeps it)', () => {
    const versions = [...read('CHANGELOG.md').matchAll(/^## (\d+\.\d+\.\d+)/gm)];
    const kept = JSON.parse(read('test/fixtures/last-release/release.json')) as { version: string };

    // The one before last until the last one has been kept: it is made while the tests still run beside its forerunner.
    expect(versions.slice(0, 2).map(([, version]) => version)).toContain(kept.version);
  });
});
