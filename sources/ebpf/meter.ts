import type { Clock, Counter, Gauge, Log, Metrics } from '#source';
import type { LoaderStatistics } from './loader/loader.ts';
import type { Workload } from './watch/watcher.ts';

/** How much each count of the loader grew. */
export type Grown = Omit<LoaderStatistics, 'clockOffset'>;

const nothing: Grown = { calls: 0, pieces: 0, lost: 0, lostBytes: 0, faults: 0, cutBytes: 0 };

/** How often losses are told, at most. */
const tellEvery = 10_000;

/** What the loader counts, as metrics; losses in the log as well. */
export class Meter {
  readonly #source: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #calls: Counter;
  readonly #lost: Counter;
  readonly #restarts: Counter;
  readonly #processes: Gauge;
  #before: LoaderStatistics | undefined;
  #interval: Grown = nothing;
  #wasGone = false;
  #isGone = false;
  #restarted = 0;
  readonly #lostEver = { ring: 0, memory: 0, size: 0 };
  #untold = { ring: 0, memory: 0, size: 0 };
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    source: string,
    {
      log,
      clock,
      metrics,
    }: { readonly log: Log; readonly clock: Clock; readonly metrics: Metrics },
  ) {
    this.#source = source;
    this.#log = log;
    this.#clock = clock;
    this.#calls = metrics.counter({
      name: 'sluice_capture_ebpf_calls_total',
      help: 'Calls of SSL_read and SSL_write of watched processes that had data.',
      labels: ['source'],
    });
    this.#lost = metrics.counter({
      name: 'sluice_capture_ebpf_lost_total',
      help: 'What watched processes read or wrote and was not seen: pieces for which there was no place in time (ring), pieces whose memory could not be read (memory), bytes of single calls beyond 1 MiB (size).',
      labels: ['source', 'reason'],
    });
    this.#restarts = metrics.counter({
      name: 'sluice_capture_ebpf_loader_restarts_total',
      help: 'How often the loader was gone and was started again.',
      labels: ['source'],
    });
    this.#processes = metrics.gauge({
      name: 'sluice_capture_ebpf_processes',
      help: 'Processes that are to be watched: those that are (watched), and those that cannot be (refused).',
      labels: ['source', 'state'],
    });
  }

  /** How the loader is: what it lost since this process began, by reason, and how often it was gone. */
  get health(): Readonly<Record<string, unknown>> {
    return {
      loader: this.#isGone ? 'gone' : 'up',
      restarts: this.#restarted,
      lost: { ...this.#lostEver },
    };
  }

  /** What grew since this was asked last; undefined: the loader was gone meanwhile. */
  takeInterval(): Grown | undefined {
    const taken = this.#wasGone ? undefined : this.#interval;
    this.#interval = nothing;
    this.#wasGone = false;
    return taken;
  }

  restarted(): void {
    this.#wasGone = true;
    this.#isGone = true;
    this.#restarted++;
    this.#restarts.add(1, { source: this.#source });
    // The next loader begins to count at zero.
    this.#before = undefined;
  }

  workloads(workloads: readonly Workload[]): void {
    for (const state of ['watched', 'refused'] as const)
      this.#processes.set(workloads.filter((one) => one.state.is === state).length, {
        ...{ source: this.#source, state },
      });
  }

  statistics(now: LoaderStatistics): void {
    const before = this.#before;
    this.#isGone = false;
    this.#before = now;
    const source = this.#source;
    const grew = (name: keyof Grown): number => now[name] - (before?.[name] ?? 0);
    this.#calls.add(grew('calls'), { source });
    const interval = this.#interval;
    this.#interval = {
      calls: interval.calls + grew('calls'),
      pieces: interval.pieces + grew('pieces'),
      lost: interval.lost + grew('lost'),
      lostBytes: interval.lostBytes + grew('lostBytes'),
      faults: interval.faults + grew('faults'),
      cutBytes: interval.cutBytes + grew('cutBytes'),
    };
    const grown = { ring: grew('lost'), memory: grew('faults'), size: grew('cutBytes') };
    for (const reason of ['ring', 'memory', 'size'] as const) {
      this.#lost.add(grown[reason], { source, reason });
      this.#untold[reason] += grown[reason];
      this.#lostEver[reason] += grown[reason];
    }
    this.#tell();
  }

  #tell(): void {
    const { ring, memory, size } = this.#untold;
    if (ring + memory + size === 0 || this.#clock.elapsed() - this.#toldAt < tellEvery) return;
    this.#toldAt = this.#clock.elapsed();
    this.#untold = { ring: 0, memory: 0, size: 0 };
    this.#log.warn(
      { pieces_lost: ring, pieces_not_readable: memory, bytes_of_long_calls: size },
      'Not all that watched processes read and wrote was seen.',
    );
  }
}
