import { readFileSync, writeFileSync } from 'node:fs';
import { readLines } from '../results.ts';
import { chartOf } from './chart.ts';
import { groupsOf } from './groups.ts';
import { tablesOf } from './markdown.ts';
import { withResults } from './page.ts';

const page = new URL('../../docs/performance.md', import.meta.url);
const chart = new URL('../../docs/performance.svg', import.meta.url);

/** Writes the tables into docs/performance.md and the chart beside it; 1 where the files have no results. */
export function writeReport(files: readonly string[]): number {
  const lines = readLines(files);
  if (lines.length === 0) {
    console.error(`No results in ${files.join(', ')}.`);
    return 1;
  }
  const picture = chartOf(groupsOf(lines));
  if (picture !== '') writeFileSync(chart, picture);
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), tablesOf(lines), picture !== ''));
  console.log('Wrote docs/performance.md and docs/performance.svg.');
  return 0;
}
