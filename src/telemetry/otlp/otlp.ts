import type { OtlpTarget, TelemetryConfig } from '../../config/config.ts';
import type { BatchTrace, Tracing } from '../../lib/batch-trace.ts';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Mask } from '../../lib/mask.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { inTime, pause } from '../../lib/waiting.ts';
import type { Snapshot } from '../metrics.ts';
import { shown } from '../redact.ts';
import type { SaidLine } from '../said-line.ts';
import type { Telemetry } from '../telemetry.ts';
import { createTelemetryMetrics } from '../telemetry-metrics.ts';
import { type About, aboutProcess } from './about.ts';
import type { Exporter } from './exporter.ts';
import { logsExporter, metricsExporter, tracesExporter } from './exporters.ts';
import { Failures } from './failures.ts';
import type { ReadableLogRecord, ReadableSpan, ResourceMetrics } from './library.ts';
import { logData } from './log-data.ts';
import { metricsData } from './metrics-data.ts';
import { Queue } from './queue.ts';
import { spanData } from './span-data.ts';
import { readTlsFiles, type TlsFiles } from './tls-files.ts';

export interface OtlpParts {
  readonly config: TelemetryConfig;
  readonly version: string;
  /** Of this process, until it ends. */
  readonly instance: string;
  readonly host: string;
  readonly clock: Clock;
  /** A log that is not sent itself. */
  readonly log: Log;
  readonly mask: Mask;
  readonly metrics: Metrics;
  /** For what is left when the service stops. */
  readonly closingTime: Millis;
}

/** Characters of lines, and spans in such characters, that may wait while the receiver is away. */
const bound = 4 * 1024 * 1024;
const linesAtOnce = 512;
const tracesAtOnce = 64;

/** The service's own metrics, traces and logs, sent with the exporters of OpenTelemetry's SDK. Rejects where a file cannot be used. */
export async function startOtlp(parts: OtlpParts): Promise<Telemetry> {
  const { config } = parts;
  const targets = [config.metrics, config.traces, config.logs];
  const [metrics, traces, logs] = await Promise.all(
    targets.map(async (target) => target && readTlsFiles(target)),
  );
  return new Otlp(parts, { metrics, traces, logs });
}

interface Files {
  readonly [signal: string]: TlsFiles | undefined;
}

class Otlp implements Telemetry {
  readonly hear: ((line: SaidLine) => void) | undefined;
  readonly tracing: Tracing | undefined;
  readonly #parts: OtlpParts;
  readonly #about: About;
  readonly #counters: ReturnType<typeof createTelemetryMetrics>;
  readonly #queues: readonly Pick<Queue<unknown>, 'close'>[];
  readonly #running: Promise<void>[];
  readonly #closing = new AbortController();
  #source: (() => Promise<Snapshot>) | undefined;

  constructor(parts: OtlpParts, files: Files) {
    this.#parts = parts;
    const { config, version, instance, host, metrics, mask } = parts;
    this.#about = aboutProcess({ version, instance, host, attributes: config.resource });
    this.#counters = createTelemetryMetrics(metrics);
    const about = this.#about;
    const show = shown(mask);
    const lines = config.logs && this.#lines(config.logs, files['logs'] ?? {});
    const traces = config.traces && this.#traces(config.traces, files['traces'] ?? {});
    this.hear = lines && ((line) => lines.add(logData(line, about)));
    this.tracing = traces && {
      ratio: config.sampleRatio,
      traced: (trace: BatchTrace) => traces.add(spanData(trace, { about, shown: show })),
    };
    this.#queues = [lines, traces].filter((queue) => queue !== undefined);
    this.#running = [lines?.run(), traces?.run()].filter((running) => running !== undefined);
    if (config.metrics !== undefined)
      this.#running.push(this.#runMetrics(config.metrics, files['metrics'] ?? {}));
  }

  measure(source: () => Promise<Snapshot>): void {
    this.#source = source;
  }

  async close(): Promise<void> {
    const { clock, closingTime: time, log } = this.#parts;
    this.#closing.abort();
    for (const queue of this.#queues) queue.close();
    await inTime(Promise.all(this.#running), { clock, time }, () =>
      log.warn({}, 'Not all of the service’s own telemetry could be sent before the stop.'),
    );
  }

  #lines(target: OtlpTarget, tls: TlsFiles): Queue<ReadableLogRecord> {
    return new Queue<ReadableLogRecord>({
      ...this.#shared('logs'),
      exporter: logsExporter(target, tls),
      most: linesAtOnce,
      weightOf: ({ body, attributes }) =>
        Object.entries(attributes).reduce(
          (sum, [name, value]) => sum + name.length + lengthOf(value),
          lengthOf(body) + itemCost,
        ),
    });
  }

  #traces(target: OtlpTarget, tls: TlsFiles): Queue<readonly ReadableSpan[]> {
    const exporter = tracesExporter(target, tls);
    return new Queue<readonly ReadableSpan[]>({
      ...this.#shared('traces'),
      exporter: { send: (traces) => exporter.send(traces.flat()) },
      most: tracesAtOnce,
      weightOf: (spans) => spans.length * 2 * itemCost,
    });
  }

  #shared(signal: 'logs' | 'traces') {
    const { clock } = this.#parts;
    const failures = this.#failuresOf(signal);
    return { bound, clock, failures, onDropped: this.#onDropped(signal) };
  }

  #onDropped(signal: string): (items: number) => void {
    const { dropped } = this.#counters;
    dropped.add(0, { signal });
    return (items) => dropped.add(items, { signal });
  }

  #failuresOf(signal: string): Failures {
    const { log, clock } = this.#parts;
    return new Failures(signal, { counter: this.#counters.failures, log, clock });
  }

  /** What counts counts from the start: a request that was not taken is made good by the next. */
  async #runMetrics(target: OtlpTarget, tls: TlsFiles): Promise<void> {
    const { clock, config } = this.#parts;
    const exporter = metricsExporter(target, tls);
    const failures = this.#failuresOf('metrics');
    const onDropped = this.#onDropped('metrics');
    const { signal } = this.#closing;
    const since = millis(clock.now() - clock.elapsed());
    for (;;) {
      await pause(clock, config.interval, signal);
      await this.#sendMetrics(exporter, { failures, onDropped, since });
      if (signal.aborted) return;
    }
  }

  async #sendMetrics(
    exporter: Exporter<ResourceMetrics>,
    how: { failures: Failures; onDropped: (items: number) => void; since: Millis },
  ): Promise<void> {
    const { failures, onDropped, since } = how;
    try {
      if (this.#source === undefined) return;
      const snapshot = await this.#source();
      const times = { since, now: this.#parts.clock.now() };
      const sent = await exporter.send(metricsData(snapshot, this.#about, times));
      if (!sent.isTaken) {
        failures.failed(sent.reason);
        return;
      }
      failures.worked();
      if (sent.refused > 0) onDropped(sent.refused);
    } catch (error) {
      failures.failed(explain(error));
    }
  }
}

/** What keeping an item costs beside its texts. */
const itemCost = 256;

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 8);
