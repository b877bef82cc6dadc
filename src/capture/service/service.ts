import type { RedisConfig } from '../../config/config.ts';
import type { PlacedProblem } from '../../config/structured/document.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Mask } from '../../lib/mask.ts';
import { millis } from '../../lib/units.ts';
import { isAborted, later, sharedAbort, unlessAborted } from '../../lib/waiting.ts';
import { decoders } from '../../record/decoders.ts';
import type { RedisConnection } from '../../redis/connection.ts';
import type { ExposedMetrics, Exposition } from '../../telemetry/metrics.ts';
import { SharedCopyBudget } from '../copy-budget.ts';
import { captureMetrics } from '../metrics.ts';
import type { Destination } from '../recorder/destination.ts';
import { Recorder } from '../recorder/recorder.ts';
import { redisDestination } from '../recorder/redis-destination.ts';
import type { SourceRedis } from '../source.ts';
import type { CaptureConfig, LoadedCapture } from './config/load.ts';
import type { ConfiguredSource } from './config/sources.ts';
import { createIntake } from './intake.ts';
import { type CaptureReadiness, type Pages, servePages, servingPages } from './pages.ts';
import { LiveRules } from './reload/live.ts';
import { createReload } from './reload/reload.ts';
import { Reports } from './reports.ts';
import { RunningSources } from './running-sources.ts';
import { WorkloadPages } from './workload-pages.ts';

/** Pumps of this process, as where records go. */
export interface Feed extends Destination {
  /** Delivers what was written until the signal aborts. False: something was left, which has been said. */
  close(signal: AbortSignal): Promise<boolean>;
}

export interface ServiceParts {
  readonly config: CaptureConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly mask: Mask;
  readonly metrics: ExposedMetrics;
  /** Names this process among all. */
  readonly life: string;
  /** Begins to connect; does not wait. */
  readonly connect: (redis: RedisConfig) => Promise<RedisConnection>;
  /** Loads the pumps of the configuration. */
  readonly openFeed: (config: CaptureConfig) => Promise<Feed>;
  readonly onHangUp: (act: () => void) => void;
  /** Reads the configuration again; left out: it was no file. */
  readonly reread?: (() => Promise<LoadedCapture>) | undefined;
  /** What is wrong with the files of these sources. */
  readonly inspect?:
    | ((of: readonly ConfiguredSource[]) => Promise<readonly PlacedProblem[]>)
    | undefined;
  readonly setLogLevel?: ((level: CaptureConfig['options']['log_level']) => void) | undefined;
  /** Of one worker of several; left out: the process is alone. */
  readonly worker?: WorkerPart | undefined;
}

/** What a worker has to do with the first process, which serves the pages of all. */
export interface WorkerPart {
  readonly index: number;
  /** Takes what it shows of itself. */
  shows(shown: Shown): void;
  /** Its sources have begun. */
  up(): void;
  /** They have come to their end, and so does the worker. */
  finished(): void;
}

/** What pages say of a process that captures. */
export interface Shown {
  readonly readiness: () => CaptureReadiness;
  /** Sets gauges to what is now. */
  readonly measure: () => void;
  readonly diagnostics: () => object;
}

/** Of the time that a stop may take, for calls under way; the rest is for what waits to be written. */
const shareOfCalls = 0.7;
/** How long a stop waits for the last reports. */
const timeForReports = millis(1000);

/** Runs the sources until the signal aborts or all have come to their end. Rejects with a `StartError` where they cannot begin. Resolves to the exit code: 1 where something was lost. */
export async function runCapture(parts: ServiceParts, stop: AbortSignal): Promise<number> {
  const { config, clock, log, metrics } = parts;
  const { record, admin, shutdown_timeout: stopTime } = config.options;
  const ours = captureMetrics(metrics);
  const live = await LiveRules.open(config, { life: parts.life, clock, log, metrics: ours });
  const out = await openDestination(parts);
  const recorder = new Recorder({
    ...{ destination: out.destination, bounds: record.queue, flush: record.flush },
    ...{ clock, log, metrics: ours },
  });
  const intake = createIntake({
    ...{ live, put: (bytes) => recorder.put(bytes), clock, log, metrics: ours },
  });
  const copies = new SharedCopyBudget({
    ...{ bound: record.bodies_total, clock, log, metrics: ours },
  });
  const ending = { stop: sharedAbort(), abandon: sharedAbort() };
  const writing = recorder.run({ stop: ending.stop.signal, abandon: ending.abandon.signal });
  const reports = new Reports({ life: parts.life, redis: out.redis, clock, log });
  const diagnostics = (): object => reports.page;
  const sources = new RunningSources({
    ...{ live, copies, clock, log, metrics, redis: out.redis, writing: recorder },
    leaveTime: millis(stopTime * shareOfCalls),
    record(exchange, name) {
      reports.seen(exchange, name);
      intake(exchange, name);
    },
    turnedAway: (reason, name) => reports.turnedAway(reason, name),
    report: (report, name) => reports.take(name, report),
  });
  let reporting: Promise<void> | undefined;
  let isUp = false;
  let pages: Pages | undefined;
  let failure: { readonly error: unknown } | undefined;
  const trouble = (): string | undefined => recorder.trouble ?? out.trouble();
  const readiness = (): CaptureReadiness => ({
    ready: isUp && !stop.aborted,
    reason: isUp ? (stop.aborted ? 'it stops' : undefined) : 'sources have not begun',
    records: recordsOf(trouble()),
    sources: sources.list,
  });
  const measure = (): void => {
    recorder.measure();
    copies.measure();
  };
  try {
    parts.worker?.shows({ readiness, measure, diagnostics });
    if (admin.listen !== undefined && parts.worker === undefined) {
      const { listen } = admin;
      const exposition = (): Promise<Exposition> => {
        measure();
        return metrics.exposition();
      };
      pages = await servePages({
        ...{ listen, mask: parts.mask, exposition },
        readiness: () => Promise.resolve(readiness()),
        diagnostics: () => Promise.resolve(diagnostics()),
        more: new WorkloadPages({
          ...{ life: parts.life, clock, log, metrics, mask: parts.mask },
          sources: () => sources.workloads,
        }),
      });
      log.info({ address: pages.address }, servingPages);
    }
    await sources.start(sourcesOf(config, parts.worker));
    isUp = true;
    reporting = reports.run(() => sources.uncounted, ending.stop.signal);
    parts.worker?.up();
    const reload = createReload({
      ...{ config, sources, live, log, metrics, reread: parts.reread },
      inspect: (changed) => parts.inspect?.(changed) ?? Promise.resolve([]),
      sourcesOf: (next) => sourcesOf(next, parts.worker),
      setLogLevel: (level) => parts.setLogLevel?.(level),
    });
    parts.onHangUp(() => void reload());
    await unlessAborted(sources.ended(), undefined, stop);
    if (!isAborted(stop)) parts.worker?.finished();
    log.info(
      {},
      isAborted(stop)
        ? 'Stopping: calls under way end, and what waits is written.'
        : 'All sources have come to their end.',
    );
  } catch (error) {
    failure = { error };
  }
  const callsEnd = sharedAbort();
  const done = new AbortController();
  later(clock, millis(stopTime * shareOfCalls), () => callsEnd.abort(), done.signal);
  later(clock, stopTime, () => ending.abandon.abort(), done.signal);
  await sources.stop(callsEnd.signal);
  const wasSeenWhole = await unlessAborted(sources.areWhole(), false, callsEnd.signal);
  ending.stop.abort();
  const lost = await writing;
  await reporting;
  // A Redis that is away holds up no stop for the sake of a report.
  const reportsEnd = sharedAbort();
  later(clock, timeForReports, () => reportsEnd.abort(), done.signal);
  await reports.written(reportsEnd.signal);
  const isWhole = await out.close(ending.abandon.signal);
  done.abort();
  await pages?.close();
  if (failure !== undefined) throw failure.error;
  return lost === 0 && isWhole && wasSeenWhole ? 0 : 1;
}

/** A worker beside the first one has those alone that share their ports: what another source sees, each of them would see. */
const sourcesOf = (
  { sources }: CaptureConfig,
  worker: WorkerPart | undefined,
): CaptureConfig['sources'] =>
  (worker?.index ?? 0) === 0 ? sources : sources.filter(({ sharesPorts }) => sharesPorts);

const recordsOf = (reason: string | undefined): CaptureReadiness['records'] =>
  reason === undefined ? { state: 'up' } : { state: 'waiting', reason };

interface Out {
  readonly destination: Destination;
  readonly redis: SourceRedis | undefined;
  /** Why nothing can be written now; undefined: it can. */
  trouble(): string | undefined;
  /** False: something that was written is nowhere. */
  close(signal: AbortSignal): Promise<boolean>;
}

async function openDestination({ config, connect, openFeed, clock }: ServiceParts): Promise<Out> {
  const { storage, options } = config;
  if (storage.kind === 'memory') {
    const feed = await openFeed(config);
    return {
      destination: feed,
      redis: undefined,
      trouble: () => undefined,
      close: (signal) => feed.close(signal),
    };
  }
  const connection = await connect(storage.redis);
  const { encoding, split_keys: splitKeys, expiry } = options.record;
  const { keySuffix = '' } = decoders.find(({ name }) => name === encoding) ?? {};
  const { keyPrefix } = storage.redis;
  const rules = { keyPrefix, keySuffix, splitKeys, expiry: Math.ceil(expiry / 1000) };
  return {
    destination: redisDestination({ connection, rules, random: () => clock.random() }),
    redis: { call: (command, ...args) => connection.client.call(command, ...args) },
    trouble: () =>
      connection.isUp() ? undefined : (connection.trouble()?.reason ?? 'no connection yet'),
    async close() {
      await connection.close();
      return true;
    },
  };
}
