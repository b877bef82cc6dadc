import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { ContractError } from '../lib/errors.ts';
import type { MetricDefinition, Metrics } from '../lib/metrics.ts';

/** Every metric in Prometheus's text format. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

export interface ExposedMetrics extends Metrics {
  exposition(): Promise<Exposition>;
}

/**
 * The metrics port over prom-client, with a registry of its own: the default one is global, and the Prometheus pump
 * must not share it.
 */
export function createMetrics({ version }: { readonly version: string }): ExposedMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1; the labels say what is running.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);

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
        Counter,
        () => new Counter(common(definition, registry)),
      );
      return { add: (amount, labels = {}) => metric.inc(labels, amount) };
    },
    gauge(definition) {
      const metric = once(definition.name, Gauge, () => new Gauge(common(definition, registry)));
      return { set: (value, labels = {}) => metric.set(labels, value) };
    },
    histogram(definition) {
      const buckets = [...definition.buckets];
      const metric = once(
        definition.name,
        Histogram,
        () => new Histogram({ ...common(definition, registry), buckets }),
      );
      return { observe: (value, labels = {}) => metric.observe(labels, value) };
    },
    exposition: async () => ({
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  };
}

const common = ({ name, help, labels = [] }: MetricDefinition, registry: Registry) => ({
  name,
  help,
  labelNames: [...labels],
  registers: [registry],
});
