import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import type { Labels, MetricDefinition, Metrics } from '../lib/metrics.ts';
import { createExpiryMeter } from '../purge/bounds/expiry-meter.ts';
import { createPurgeMeter } from '../purge/meter.ts';
import { createStockGauges } from '../route/dead-letters/stock.ts';
import { RouteMetrics } from '../route/events/route-metrics.ts';
import { createSpillMeter } from '../spill/meter.ts';
import { createDroppedLines } from '../telemetry/log-outlet.ts';
import { createProcessRegistry } from '../telemetry/metrics.ts';
import { createTelemetryMetrics } from '../telemetry/telemetry-metrics.ts';
import { createApiMetrics } from './api/refusals.ts';
import { createExpiryGauge } from './certificate-expiry.ts';
import { createLiveGauges } from './live-gauges.ts';
import { createReloadMetrics } from './reload/reload-metrics.ts';
import { sayControls } from './say-controls.ts';
import { showMode } from './show-mode.ts';
import { createTapMetrics } from './tap/tap-desk.ts';
import { createUnknownMetric } from './unknown-fields.ts';
import { createPoolMetrics } from './workers/pool.ts';
import { createWorkerHeap } from './workers/worker-heap.ts';

/*
 * Every metric there is: for the tables of docs/metrics.md and for `sluice explain`. Each part of the service is asked for its
 * metrics as at a start; nothing is declared twice.
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

type Group =
  | 'service'
  | 'claiming'
  | 'routes'
  | 'redis'
  | 'workers'
  | 'spill'
  | 'telemetry'
  | 'process';

/** Whose values are names that the operator gave. */
const named = new Set(['route', 'list', 'version', 'worker']);

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
      return {
        add: (_, labels) => seen(labels),
        of: (labels) => ({ add: () => seen(labels) }),
      };
    },
    gauge: (definition) => {
      const seen = note('gauge')(definition);
      return { set: (_, labels) => seen(labels) };
    },
    histogram: (definition) => {
      const seen = note('histogram')(definition);
      return {
        observe: (_, labels) => seen(labels),
        of: (labels) => ({ observe: () => seen(labels) }),
      };
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
        sayControls(metrics, silentLog, () => undefined);
        createDroppedLines(metrics);
        createApiMetrics(metrics);
        createReloadMetrics(metrics);
        createExpiryGauge(metrics);
        createTapMetrics(metrics);
      }),
    ],
    claiming: declarations((metrics) => {
      createPurgeMeter(metrics, systemClock, ['ROUTE']);
      createExpiryMeter(metrics, []);
      createUnknownMetric(metrics);
    }),
    routes: declarations((metrics) => new RouteMetrics('ROUTE', metrics)),
    redis: declarations(createStockGauges),
    workers: declarations((metrics) => {
      createPoolMetrics(metrics);
      createWorkerHeap(metrics, 1)();
    }),
    spill: declarations((metrics) => createSpillMeter(metrics, ['ROUTE'])),
    telemetry: declarations(createTelemetryMetrics),
    process: process.filter((each) => !isOurs(each)),
  };
}
