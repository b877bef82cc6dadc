import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Gauge,
  type Metric,
  Registry,
} from 'prom-client';
import { ContractError } from '../lib/errors.ts';
import type { MetricDefinition, Metrics } from '../lib/metrics.ts';
import { SeriesCounter, SeriesHistogram } from './series.ts';

/** Every metric in Prometheus's text format. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** All values of a registry, as plain data that may cross threads. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** Of one thing, such as a route, that is there no more. */
interface Forgetful {
  /** Nothing is shown any more of what has the label with this value. */
  forget(label: string, value: string): Promise<void>;
}

export interface ExposedMetrics extends Metrics, Forgetful {
  /** Also of other threads, each metric once, as its definition says. */
  exposition(others?: readonly Snapshot[]): Promise<Exposition>;
  /** The same as data. */
  everything(others?: readonly Snapshot[]): Promise<Snapshot>;
}

/** Of a thread beside the main one, which exposes them. */
export interface ThreadMetrics extends Metrics, Forgetful {
  snapshot(): Promise<Snapshot>;
}

/** Gauges of the library with the name of a counter. They repeat the sum of the same name without `_total`. */
const misnamed = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/**
 * The metrics port over prom-client, with registries of its own: the default one is global, and the Prometheus pump
 * must not share it.
 */
export function createMetrics({ version }: { readonly version: string }): ExposedMetrics {
  const ofProcess = createProcessRegistry(version);
  const registry = new Registry();
  const withOthers = async (others: readonly Snapshot[]): Promise<Registry> =>
    others.length === 0
      ? registry
      : AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), ...others]);
  return {
    ...metricsIn(registry),
    forget: forgetIn(registry),
    async exposition(others = []) {
      const all = await withOthers(others);
      return {
        contentType: ofProcess.contentType,
        body: `${await ofProcess.metrics()}\n${await all.metrics()}`,
      };
    },
    async everything(others = []) {
      const all = await withOthers(others);
      return [...(await ofProcess.getMetricsAsJSON()), ...(await all.getMetricsAsJSON())];
    },
  };
}

/** What is of the process and no thread's: by the library, and what is running. */
export function createProcessRegistry(version: string): Registry {
  const ofProcess = new Registry();
  // Milliseconds between samples, which the lag then contains. With the default, 10, an idle process would be awake often.
  collectDefaultMetrics({ register: ofProcess, eventLoopMonitoringPrecision: 50 });
  for (const name of misnamed) ofProcess.removeSingleMetric(name);
  new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1; the labels say what is running.',
    labelNames: ['version'],
    aggregator: 'first',
    registers: [ofProcess],
  }).set({ version }, 1);
  return ofProcess;
}

export function createThreadMetrics(): ThreadMetrics {
  const registry = new Registry();
  return {
    ...metricsIn(registry),
    forget: forgetIn(registry),
    snapshot: () => registry.getMetricsAsJSON(),
  };
}

/** Of several processes, each metric once, as its definition says. */
export async function expositionOf(snapshots: readonly Snapshot[]): Promise<Exposition> {
  const all = AggregatorRegistry.aggregate([...snapshots]);
  return { contentType: all.contentType, body: await all.metrics() };
}

/** What must outlive the threads that counted it: the sums of their counters and histograms, in one. */
export async function remains(snapshots: readonly Snapshot[]): Promise<Snapshot> {
  const counted = snapshots.map((snapshot) => snapshot.filter((metric) => !isGauge(metric)));
  return AggregatorRegistry.aggregate(counted).getMetricsAsJSON();
}

/** A snapshot without what has the label with this value. */
export const without = (snapshot: Snapshot, label: string, value: string): Snapshot =>
  snapshot.map((metric) => ({
    ...metric,
    values: metric.values.filter(({ labels }) => labels[label] !== value),
  }));

const forgetIn =
  (registry: Registry): Forgetful['forget'] =>
  async (label, value) => {
    for (const { name, values } of await registry.getMetricsAsJSON()) {
      const metric = registry.getSingleMetric(name);
      for (const { labels } of values)
        if (labels[label] === value) metric?.remove(withoutBucket(labels));
    }
  };

/** A histogram adds a label of its own to what it was asked to count. */
const withoutBucket = (labels: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      name === 'le' ? [] : [[name, String(value)]],
    ),
  );

/** The library's own type says a number where the values say a name. */
const isGauge = ({ type }: Snapshot[number]): boolean => String(type) === 'gauge';

function metricsIn(registry: Registry): Metrics {
  // A definition made twice gives the same metric: several routes ask for each.
  const known = new Map<string, unknown>();
  const once = <T>(name: string, kind: new (...args: never[]) => T, make: () => T): T => {
    const found = known.get(name);
    if (found instanceof kind) return found;
    if (found !== undefined) throw new ContractError('a metric has two kinds');
    const made = make();
    known.set(name, made);
    return made;
  };

  return {
    counter(definition) {
      const metric = once(
        definition.name,
        SeriesCounter,
        () => new SeriesCounter(common(definition, registry)),
      );
      return {
        add: (amount, labels = {}) => metric.inc(labels, amount),
        of: (labels) => metric.of(labels),
      };
    },
    gauge(definition) {
      const aggregator = definition.across ?? 'sum';
      const metric = once(
        definition.name,
        Gauge,
        () => new Gauge({ ...common(definition, registry), aggregator }),
      );
      return { set: (value, labels = {}) => metric.set(labels, value) };
    },
    histogram(definition) {
      const metric = once(definition.name, SeriesHistogram, () => {
        const made = new SeriesHistogram(definition);
        // The types know the library's own metrics alone.
        registry.registerMetric(made as unknown as Metric);
        return made;
      });
      return {
        observe: (value, labels = {}) => metric.of(labels).observe(value),
        of: (labels) => metric.of(labels),
      };
    },
  };
}

const common = ({ name, help, labels = [] }: MetricDefinition, registry: Registry) => ({
  name,
  help,
  labelNames: [...labels],
  registers: [registry],
});
