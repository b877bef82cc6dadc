import { createApiMetrics } from '../../src/app/api/refusals.ts';
import { createLiveGauges } from '../../src/app/live-gauges.ts';
import { sayControls } from '../../src/app/say-controls.ts';
import { showMode } from '../../src/app/show-mode.ts';
import { createPoolMetrics } from '../../src/app/workers/pool.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Labels, MetricDefinition, Metrics } from '../../src/lib/metrics.ts';
import { createExpiryMeter } from '../../src/purge/bounds/expiry-meter.ts';
import { createPurgeMeter } from '../../src/purge/meter.ts';
import { createStockGauges } from '../../src/route/dead-letters/stock.ts';
import { RouteMetrics } from '../../src/route/events/route-metrics.ts';
import { createSpillMeter } from '../../src/spill/meter.ts';
import { createDroppedLines } from '../../src/telemetry/log-outlet.ts';
import { createProcessRegistry } from '../../src/telemetry/metrics.ts';

/*
 * The tables of docs/metrics.md. Each part of the service is asked for its metrics as at a start, and what it declares is
 * written down; nothing is declared twice.
 */

/** One metric as the page of a process has it. */
export interface Declared {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly labels: readonly string[];
  /** The values a label is known to have, where they are a fixed few. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

type Group = 'service' | 'claiming' | 'routes' | 'redis' | 'workers' | 'spill' | 'process';

/** Whose values are names that the operator gave. */
const named = new Set(['route', 'list', 'version']);

function declarations(declare: (metrics: Metrics) => unknown): readonly Declared[] {
  const found = new Map<string, Declared & { values: Record<string, string[]> }>();
  const note = (type: Declared['type']) => (definition: MetricDefinition) => {
    const { name, help, labels = [] } = definition;
    const values = found.get(name)?.values ?? {};
    found.set(name, { name, type, help, labels, values });
    return (given: Labels = {}): void => {
      for (const [label, value] of Object.entries(given)) {
        const known = (values[label] ??= []);
        if (!named.has(label) && !known.includes(value)) known.push(value);
      }
    };
  };
  declare({
    counter: (definition) => {
      const seen = note('counter')(definition);
      return { add: (_, labels) => seen(labels) };
    },
    gauge: (definition) => {
      const seen = note('gauge')(definition);
      return { set: (_, labels) => seen(labels) };
    },
    histogram: (definition) => {
      const seen = note('histogram')(definition);
      return { observe: (_, labels) => seen(labels) };
    },
  });
  return [...found.values()];
}

/** What is the same in every process: Node's own, by the client library, and what is running. */
function ofProcess(): readonly Declared[] {
  return createProcessRegistry('')
    .getMetricsAsArray()
    .map((metric) => {
      // The library's types leave out what every metric of it has.
      const { name, help, type, labelNames } = metric as unknown as {
        readonly [key in 'name' | 'help']: string;
      } & { readonly type?: Declared['type']; readonly labelNames: readonly string[] };
      return { name, help, type: type ?? 'gauge', labels: labelNames, values: {} };
    });
}

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

/** Every metric there is, by what makes it appear. */
export function metricGroups(): Readonly<Record<Group, readonly Declared[]>> {
  const process = ofProcess();
  const isOurs = ({ name }: Declared): boolean => name.startsWith('sluice_');
  return {
    service: [
      ...process.filter(isOurs),
      ...declarations((metrics) => {
        createLiveGauges(metrics, systemClock);
        showMode(metrics, 'at-least-once');
        sayControls(metrics, silentLog);
        createDroppedLines(metrics);
        createApiMetrics(metrics);
      }),
    ],
    claiming: declarations((metrics) => {
      createPurgeMeter(metrics, systemClock, ['ROUTE']);
      createExpiryMeter(metrics, []);
    }),
    routes: declarations((metrics) => new RouteMetrics('ROUTE', metrics)),
    redis: declarations(createStockGauges),
    workers: declarations(createPoolMetrics),
    spill: declarations((metrics) => createSpillMeter(metrics, ['ROUTE'])),
    process: process.filter((each) => !isOurs(each)),
  };
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
