const [begin, end] = ['<!-- results -->', '<!-- /results -->'];

/** The page with the tables between its markers; all else on it is written by hand. Throws where they are missing. */
export function withResults(page: string, tables: string, hasChart: boolean): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no ${begin} … ${end}.`);
  const chart = hasChart
    ? '![CPU seconds per 100,000 records, by sink and pump](performance.svg)\n\n'
    : '';
  return `${page.slice(0, from + begin.length)}\n\n${chart}${tables}\n\n${page.slice(to)}`;
}
