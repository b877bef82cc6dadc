/**
 * What is wrong with a page of metrics by Prometheus's rules for names (those of `promtool check metrics`, which not every
 * machine has), a line for each.
 */
export function lint(page: string): readonly string[] {
  const problems: string[] = [];
  const types = new Map<string, string>();
  const helps = new Set<string>();
  for (const line of page.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP' && rest.trim() !== '') helps.add(name);
    if (kind === 'TYPE') {
      if (types.has(name)) problems.push(`${name}: twice`);
      types.set(name, rest);
    }
  }
  for (const [name, type] of types) {
    const say = (what: string): void => void problems.push(`${name}: ${what}`);
    if (!helps.has(name)) say('no help text');
    if (!/^[a-z][a-z0-9_]*$/.test(name)) say('letters, digits and underscores only, in lower case');
    // OpenMetrics names a counter's family without its ending.
    if (type === 'counter' && types.has(name.replace(/_total$/, '')))
      say('another metric has its name without _total');
    if (type === 'counter' && !name.endsWith('_total')) say('a counter ends in _total');
    if (type !== 'counter' && name.endsWith('_total')) say('only a counter ends in _total');
    if (type !== 'histogram' && type !== 'summary' && /_(count|sum|bucket)$/.test(name))
      say('_count, _sum and _bucket belong to histograms');
    if (/_(counter|gauge|histogram|summary)(_|$)/.test(name)) say('no type in the name');
    for (const [unit, base] of units)
      if (new RegExp(`_${unit}(_|$)`).test(name)) say(`${base}, not ${unit}`);
  }
  return problems;
}

const units = Object.entries({
  milliseconds: 'seconds',
  microseconds: 'seconds',
  nanoseconds: 'seconds',
  minutes: 'seconds',
  hours: 'seconds',
  ms: 'seconds',
  kilobytes: 'bytes',
  megabytes: 'bytes',
  mebibytes: 'bytes',
  percent: 'ratio',
});
