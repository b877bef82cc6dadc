/** Rewrites what the documentation takes from the declarations of options and metrics: `npm run option-tables`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { optionTable } from '#pump/testing';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { definitionTable, policyTable } from '../sources/gateway/definition/field-table.ts';
import { findSource, sourceTypes } from '../sources/index.ts';
import { endpoints } from '../src/app/api/endpoints.ts';
import { openApi } from '../src/app/api/openapi.ts';
import { describeOptions } from '../src/config/describe.ts';
import { group } from '../src/config/options/collections.ts';
import { ownOptions } from '../src/config/own-options.ts';
import { entryOptions, globalOptions } from '../src/config/service-options.ts';
import {
  captureTables,
  healthTable,
  pumpMetricTables,
  relayTables,
  sourceOptionTable,
} from './lib/capture-tables.ts';
import { egressTables } from './lib/egress-tables.ts';
import { exampleConfig } from './lib/example-config.ts';
import { fieldTable } from './lib/field-tables.ts';
import { metricTables } from './lib/metric-tables.ts';

const { analytics_storage_config: storage, ...service } = globalOptions;
const own = group(ownOptions, { doc: 'Options that Tyk Pump does not have.' });

/** The tables of docs/configuration.md by the names of their markers. */
const serviceTables: Readonly<Record<string, string>> = {
  'options of the service': describeOptions(service, 'TYK_PMP'),
  'options of redis': describeOptions({ analytics_storage_config: storage }, 'TYK_PMP'),
  'options of a pump': describeOptions(entryOptions, 'TYK_PMP_PUMPS_<NAME>'),
  'options of ours': describeOptions({ sluice: own }, 'TYK_PMP'),
};

/** The page with this table between its markers. */
export function withTable(page: string, table: string, name = 'options'): string {
  const start = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page lacks the markers ${start} and ${end}`);
  return `${page.slice(0, from + start.length)}\n${aligned(table.trim())}\n${page.slice(to)}`;
}

/** The table with columns of one width, for those who read the source. */
function aligned(table: string): string {
  if (!table.startsWith('|')) return table;
  const rows = table.split('\n').map((row) => row.slice(2, -2).split(/(?<!\\) \| /));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0, cell === '---' ? '-' : ' ')))
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** The pumps there are, for the README. */
export async function pumpTable(): Promise<string> {
  const rows: string[] = ['| Pump | What it does |', '| --- | --- |'];
  for (const type of pumpTypes) {
    const found = await findPump(type);
    if (found.outcome === 'found')
      rows.push(`| [${type}](pumps/${type}/README.md) | ${found.pump.summary} |`);
  }
  return rows.join('\n');
}

/** The page with every table of the service between its markers. */
export const withServiceTables = (page: string): string => withTables(page, serviceTables);

/** The same for docs/metrics.md. */
export const withMetricTables = (page: string): string => withTables(page, metricTables());

export const withTables = (page: string, tables: Readonly<Record<string, string>>): string =>
  Object.entries(tables).reduce((text, [name, table]) => withTable(text, table, name), page);

/** docs/openapi.json, from the table of endpoints. */
export const openApiFile = (): string => `${JSON.stringify(openApi(endpoints), null, 2)}\n`;

/** A page before the formatter has aligned its tables. */
export const unpadded = (page: string): string =>
  page.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---');

/** Leaves a page alone that says the same, and one that cannot be changed, with a word about it. */
function rewrite(path: string, change: (page: string) => string): void {
  const file = new URL(`../${path}`, import.meta.url);
  try {
    const page = readFileSync(file, 'utf8');
    const changed = change(page);
    if (unpadded(changed) !== unpadded(page)) writeFileSync(file, changed);
  } catch (error) {
    console.error(`${path}: ${String(error)}`);
    process.exitCode = 1;
  }
}

async function rewriteReadme(type: string): Promise<void> {
  const found = await findPump(type);
  if (found.outcome !== 'found') return;
  rewrite(`pumps/${type}/README.md`, (readme) => withTable(readme, optionTable(found.pump)));
}

async function rewriteSourceReadme(type: string): Promise<void> {
  const kind = await findSource(type);
  if (kind === undefined) return;
  rewrite(`sources/${type}/README.md`, (readme) => withTable(readme, sourceOptionTable(kind)));
}

/** The README of a pump that has metrics of its own. */
export const withPumpMetrics = (page: string, type: string): string =>
  withTable(page, pumpMetricTables[type] ?? '', 'metrics');

/** What becomes of each field of a Tyk gateway's definitions and policies. */
export const withGatewayTables = (page: string): string =>
  withTables(page, {
    ...{ fields: definitionTable(), 'policy fields': policyTable() },
    'metrics of health': healthTable(),
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await Promise.all([...pumpTypes.map(rewriteReadme), ...sourceTypes.map(rewriteSourceReadme)]);
  rewrite('sources/gateway/README.md', withGatewayTables);
  for (const type of Object.keys(pumpMetricTables))
    rewrite(`pumps/${type}/README.md`, (page) => withPumpMetrics(page, type));
  const capture = await captureTables();
  rewrite('docs/capture.md', (page) => withTables(page, capture));
  rewrite('docs/capture-http.md', (page) => withTables(page, relayTables()));
  rewrite('sources/egress/README.md', (page) => withTables(page, egressTables()));
  rewrite('docs/configuration.md', withServiceTables);
  rewrite('docs/metrics.md', withMetricTables);
  const carried = await fieldTable();
  rewrite('docs/fields.md', (page) => withTable(page, carried, 'fields'));
  const pumps = await pumpTable();
  rewrite('README.md', (readme) => withTable(readme, pumps, 'pumps'));
  writeFileSync(new URL('../docs/openapi.json', import.meta.url), openApiFile());
  const example = new URL('../config/example.json', import.meta.url);
  writeFileSync(example, `${JSON.stringify(await exampleConfig(), null, 2)}\n`);
}
