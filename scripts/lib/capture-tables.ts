import { createMeter as createModelMeter } from '../../pumps/model/meter.ts';
import { createMeter as createTrafficMeter } from '../../pumps/traffic/meter.ts';
import { createHealthMeter } from '../../sources/gateway/health/health-meter.ts';
import { findSource, sourceTypes } from '../../sources/index.ts';
import { srvFailures } from '../../sources/shared/dns/srv-events.ts';
import { Meter } from '../../sources/shared/relay/meter.ts';
import type { SourceKind } from '../../src/capture/define/define-source.ts';
import { captureMetrics } from '../../src/capture/metrics.ts';
import { captureOptions, entryOptions } from '../../src/capture/service/config/options.ts';
import { storageOptions } from '../../src/capture/service/config/storage.ts';
import { reloadMetrics } from '../../src/capture/service/reload/reload.ts';
import { supervisorMetrics } from '../../src/capture/service/workers/supervisor.ts';
import { describeOptions } from '../../src/config/describe.ts';
import { type MetricDefinition, type Metrics, silentMetrics } from '../../src/lib/metrics.ts';

/** The tables of docs/capture.md by the names of their markers. */
export async function captureTables(): Promise<Readonly<Record<string, string>>> {
  return {
    sources: await sourceTable(),
    'options of a source': describeOptions(entryOptions),
    'options of capture': describeOptions(captureOptions, 'SLUICE_CAPTURE'),
    'options of storage': describeOptions(storageOptions, 'SLUICE_CAPTURE'),
    'metrics of capture': metricTable(kitMetrics),
  };
}

/** The tables of docs/capture-http.md. */
export const relayTables = (): Readonly<Record<string, string>> => ({
  'metrics of relays': metricTable(relayMetrics),
});

/** Of the gateway's README, beside its options and fields. */
export const healthTable = (): string =>
  metricTable((metrics) => [createHealthMeter(metrics, 'gateway'), srvFailures(metrics)]);

/** Of the READMEs of pumps that have metrics of their own, by the pump's type. */
export const pumpMetricTables: Readonly<Record<string, string>> = {
  model: metricTable((metrics) => createModelMeter(metrics, 'MODEL')),
  traffic: metricTable((metrics) => createTrafficMeter(metrics, 'TRAFFIC')),
};

/** The table of a source's README. */
export const sourceOptionTable = ({ options }: SourceKind): string =>
  describeOptions(options, 'SLUICE_CAPTURE_SOURCES_<ID>');

async function sourceTable(): Promise<string> {
  const rows = ['| Source | What it does |', '| --- | --- |'];
  for (const type of sourceTypes) {
    const kind = await findSource(type);
    if (kind !== undefined)
      rows.push(`| [${type}](../sources/${type}/README.md) | ${kind.summary} |`);
  }
  return rows.join('\n');
}

const kitMetrics = (metrics: Metrics): unknown => [
  captureMetrics(metrics),
  supervisorMetrics(metrics),
  reloadMetrics(metrics),
];

type Declare = (metrics: Metrics) => unknown;

const relayMetrics = (metrics: Metrics): Meter => new Meter(metrics, 'gateway', 'in');

function metricTable(declare: Declare): string {
  const rows = ['| Metric | Type | Labels | Meaning |', '| --- | --- | --- | --- |'];
  for (const { type, name, help, labels = [] } of declared(declare)) {
    const shown = labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(', ');
    rows.push(`| \`${name}\` | ${type} | ${shown} | ${help} |`);
  }
  return rows.join('\n');
}

export const captureMetricNames = (): readonly string[] =>
  [kitMetrics, relayMetrics].flatMap((declare) => declared(declare).map(({ name }) => name));

function declared(declare: Declare): readonly (MetricDefinition & { readonly type: string })[] {
  const found: (MetricDefinition & { readonly type: string })[] = [];
  declare({
    counter(definition) {
      found.push({ ...definition, type: 'counter' });
      return silentMetrics.counter(definition);
    },
    gauge(definition) {
      found.push({ ...definition, type: 'gauge' });
      return silentMetrics.gauge(definition);
    },
    histogram(definition) {
      found.push({ ...definition, type: 'histogram' });
      return silentMetrics.histogram(definition);
    },
  });
  return found;
}
