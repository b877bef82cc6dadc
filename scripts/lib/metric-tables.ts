import { type Declared, metricGroups } from '../../src/app/declared-metrics.ts';

/** The tables of docs/metrics.md. */

/** What a page of metrics declares. Labels are not among it. */
export function declaredOn(page: string): readonly Declared[] {
  const helps = new Map<string, string>();
  const found: Declared[] = [];
  for (const line of page.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') helps.set(name, rest.trim());
    // Prometheus has no other types; the linter of the pages sees to it.
    if (kind === 'TYPE') {
      const type = rest as Declared['type'];
      found.push({ name, type, help: helps.get(name) ?? '', labels: [], values: {} });
    }
  }
  return found;
}

/** What a figure counts: by the name where that has the unit, else by the first words of the help text. */
export function unitOf({ name, help }: Pick<Declared, 'name' | 'help'>): string {
  if (/_timestamp_seconds$|_start_time_seconds$/.test(name)) return 'seconds since 1970';
  const [, unit] = /_(seconds|bytes)(_total)?$/.exec(name) ?? [];
  if (unit !== undefined) return unit;
  if (/^(1 |0 |Always 1)/.test(help)) return 'state';
  const [counted] = counts.find(([, beginning]) => beginning.test(help)) ?? [];
  return counted ?? '–';
}

/** The words with which a help text may begin, and what they count. */
const counts: readonly (readonly [string, RegExp])[] = [
  ['records', /^(Claimed r|R)ecords\b|^What became of the records\b/],
  ['dead letters', /^Dead letters\b/],
  ['batches', /^Batches\b/],
  ['ranges', /^Ranges\b/],
  ['answers', /^Answers\b/],
  ['clients', /^Clients\b/],
  ['lists', /^Gateway lists\b/],
  ['lines', /^Log lines\b/],
  ['requests', /^Requests\b/],
  ['threads', /^Worker threads\b/],
  ['times', /^Times\b/],
  ['damages', /^Stretches\b/],
  ['values', /^Values\b/],
  ['payloads', /^Payloads\b/],
];

function tableOf(metrics: readonly Declared[]): string {
  const rows = metrics.map((metric) => {
    const { name, type, help } = metric;
    return `| \`${name}\` | ${type} | ${labelsOf(metric)} | ${unitOf(metric)} | ${escaped(help)} |`;
  });
  return [
    '| Metric | Type | Labels | Unit | Meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function labelsOf({ labels, values }: Declared): string {
  const each = labels.map((label) => {
    const known = values[label] ?? [];
    return `\`${label}\`${known.length > 0 ? ` (${known.join(', ')})` : ''}`;
  });
  return each.length === 0 ? '–' : each.join(', ');
}

const escaped = (text: string): string => text.replaceAll('|', '\\|');

/** The tables by the names of their markers in docs/metrics.md. */
export function metricTables(): Readonly<Record<string, string>> {
  const groups = Object.entries(metricGroups());
  return Object.fromEntries(
    groups.map(([name, metrics]) => [`metrics: ${name}`, tableOf(metrics)]),
  );
}
