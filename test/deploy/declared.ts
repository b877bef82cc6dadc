import { baseMetrics } from '../../pumps/prometheus/definitions.ts';
import { guardNames } from '../../pumps/prometheus/exposition.ts';
import { metricGroups } from '../../src/app/declared-metrics.ts';

interface Known {
  readonly labels: readonly string[];
  /** The values a label is known to have, where they are a fixed few. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** What Prometheus adds to every series of a target. */
export const targetLabels = ['job', 'instance', 'namespace', 'pod'];

/** Every series there can be, by name: as declared by the service and by the `prometheus` pump. */
export function declaredSeries(): ReadonlyMap<string, Known> {
  const found = new Map<string, Known>();
  const add = (name: string, type: string, known: Known): void => {
    if (type !== 'histogram') {
      found.set(name, known);
      return;
    }
    for (const part of ['_sum', '_count']) found.set(`${name}${part}`, known);
    found.set(`${name}_bucket`, { ...known, labels: [...known.labels, 'le'] });
  };
  for (const { name, type, labels, values } of Object.values(metricGroups()).flat())
    add(name, type, { labels, values });
  for (const { name, type, labels, observes } of baseMetrics) {
    const types = observes.map((each) => each.type);
    if (types.length === 0) add(name, type, { labels, values: {} });
    else add(name, type, { labels: ['type', ...labels], values: { type: types } });
  }
  for (const name of guardNames) add(name, 'gauge', { labels: ['metric'], values: {} });
  return found;
}
