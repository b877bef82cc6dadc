/** Rewrites the option tables of the pumps' READMEs: `npx tsx --conditions=source scripts/option-tables.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Pump } from '#pump';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { describeOptions } from '../src/config/describe.ts';

const start = '<!-- options -->';
const end = '<!-- /options -->';

/** The options of a pump's `meta` as a Markdown table. */
export function optionTable(pump: Pump): string {
  return Object.keys(pump.options).length === 0
    ? 'It has no options of its own.'
    : describeOptions(pump.options, pump.envPrefix);
}

/** The README with this table between its markers. */
export function withTable(readme: string, table: string): string {
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the README lacks the markers ${start} and ${end}`);
  return `${readme.slice(0, from + start.length)}\n${table.trim()}\n${readme.slice(to)}`;
}

async function rewrite(type: string): Promise<void> {
  const found = await findPump(type);
  if (found.outcome !== 'found') return;
  const path = new URL(`../pumps/${type}/README.md`, import.meta.url);
  const readme = readFileSync(path, 'utf8');
  writeFileSync(path, withTable(readme, optionTable(found.pump)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await Promise.all(pumpTypes.map(rewrite));
