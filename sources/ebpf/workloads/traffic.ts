import type { Metrics } from '#source';
import type { ProcessFacts } from '../watch/processes.ts';
import { idOf } from '../watch/watcher.ts';

/** What was seen of one process, since it was watched first. */
export class Traffic {
  /** Pieces and bytes that it read from TLS. */
  readPieces = 0;
  readBytes = 0;
  /** The same of what it wrote. */
  writtenPieces = 0;
  writtenBytes = 0;
  /** Calls that it answered, and made. */
  callsIn = 0;
  callsOut = 0;
  /** Bytes that it read or wrote, which were not seen. */
  unseenBytes = 0;
}

/** Names of processes that have a metric of their own; those beyond share one. */
const mostNames = 50;
const others = 'other';

const counts = [
  ['readBytes', 'bytes', 'in'],
  ['writtenBytes', 'bytes', 'out'],
  ['callsIn', 'calls', 'in'],
  ['callsOut', 'calls', 'out'],
  ['unseenBytes', 'unseen', undefined],
] as const;

/** The traffic of all watched processes; as metrics by the names of programs, of which there are few. */
export class AllTraffic {
  readonly #source: string;
  readonly #all = new Map<
    string,
    { readonly name: string; readonly seen: Traffic; told: Traffic }
  >();
  readonly #names = new Set<string>();
  readonly #metrics;

  constructor(source: string, metrics: Metrics) {
    this.#source = source;
    const labels = ['source', 'workload', 'direction'] as const;
    this.#metrics = {
      bytes: metrics.counter({
        name: 'sluice_capture_ebpf_workload_bytes_total',
        help: 'Bytes that watched processes read from TLS (in) and wrote to it (out), by the name of the program; beyond 50 names, `other`.',
        labels,
      }),
      calls: metrics.counter({
        name: 'sluice_capture_ebpf_workload_calls_total',
        help: 'Calls that watched processes answered (in) and made (out), by the same names.',
        labels,
      }),
      unseen: metrics.counter({
        name: 'sluice_capture_ebpf_workload_unseen_bytes_total',
        help: 'Bytes that watched processes read or wrote and that were not seen, by the same names.',
        labels: ['source', 'workload'],
      }),
    };
  }

  /** Of this process, made where there is none. */
  of(facts: ProcessFacts): Traffic {
    const id = idOf(facts);
    const known = this.#all.get(id);
    if (known !== undefined) return known.seen;
    const made = { name: this.#nameOf(facts), seen: new Traffic(), told: new Traffic() };
    this.#all.set(id, made);
    return made.seen;
  }

  /** Undefined: nothing of it was seen. */
  find(id: string): Traffic | undefined {
    return this.#all.get(id)?.seen;
  }

  /** Tells the metrics what has grown, and forgets those that run no more. */
  settle(running: readonly ProcessFacts[]): void {
    const ids = new Set(running.map(idOf));
    for (const [id, { name, seen, told }] of this.#all) {
      for (const [key, metric, direction] of counts) {
        const grown = seen[key] - told[key];
        told[key] = seen[key];
        if (grown === 0) continue;
        const labels = { source: this.#source, workload: name };
        if (direction === undefined) this.#metrics.unseen.add(grown, labels);
        else this.#metrics[metric].add(grown, { ...labels, direction });
      }
      if (!ids.has(id)) this.#all.delete(id);
    }
  }

  #nameOf({ name }: ProcessFacts): string {
    if (!this.#names.has(name) && this.#names.size >= mostNames) return others;
    this.#names.add(name);
    return name;
  }
}
