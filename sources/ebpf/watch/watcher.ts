import { explain, type Log } from '#source';
import type { Loader, ProbeKind } from '../loader/loader.ts';
import { type ProcessFacts, unseenWords } from './processes.ts';
import { type Choice, chosen } from './selector.ts';

/** What is known of a process that was chosen. */
export interface Workload {
  readonly facts: ProcessFacts;
  readonly state:
    | { readonly is: 'watched'; readonly probes: readonly ProbeKind[] }
    | { readonly is: 'refused'; readonly reason: string };
}

const nameOf = ({ pid, start }: ProcessFacts): string => `${pid}:${start}`;

/** Keeps the loader watching those processes that are chosen, as they come and go. */
export class Watcher {
  readonly #log: Log;
  readonly #self: number;
  readonly #choice: Choice;
  readonly #workloads = new Map<string, Workload>();
  /** By pid. Known before the loader has answered, as its pieces come right behind that. */
  #chosen: ReadonlyMap<number, ProcessFacts> = new Map();

  /** Those that are meant, and have nothing that can be probed. */
  blind: readonly ProcessFacts[] = [];

  constructor(choice: Choice, log: Log, self: number) {
    this.#choice = choice;
    this.#log = log;
    this.#self = self;
  }

  get workloads(): readonly Workload[] {
    return [...this.#workloads.values()];
  }

  /** The process with this pid, of those that are chosen. */
  find(pid: number): ProcessFacts | undefined {
    return this.#chosen.get(pid);
  }

  /** A loader is gone, and with it all that it watched: the next look begins anew. */
  forget(): void {
    this.#workloads.clear();
  }

  /** One process is gone. */
  ended(pid: number, start: number): void {
    this.#workloads.delete(`${pid}:${start}`);
  }

  /** Looks at all processes, and watches those that should be. Rejects where the loader is gone. */
  async look(loader: Loader): Promise<void> {
    const { visible: wanted, blind } = chosen(await loader.list(), this.#choice, this.#self);
    this.blind = blind;
    this.#chosen = new Map(wanted.map((facts) => [facts.pid, facts]));
    const names = new Set(wanted.map(nameOf));
    for (const [name, { facts, state }] of this.#workloads) {
      if (names.has(name)) continue;
      this.#workloads.delete(name);
      if (state.is === 'watched') loader.unwatch(facts.pid);
    }
    await Promise.all(wanted.map((facts) => this.#watch(facts, loader)));
  }

  async #watch(facts: ProcessFacts, loader: Loader): Promise<void> {
    if (this.#workloads.has(nameOf(facts))) return;
    const { pid, name, program, container } = facts;
    const said = { pid, process: name, program, ...(container && { container }) };
    try {
      const { libraries } = await loader.watch(pid, facts.start);
      const probes = libraries.map((library) => library.probes);
      this.#workloads.set(nameOf(facts), { facts, state: { is: 'watched', probes } });
      const files = libraries.map(({ file }) => file).join(', ');
      const unseen = unseenWords(facts);
      this.#log.info(
        { ...said, libraries: files, ...(unseen && { unseen }) },
        'A process is watched.',
      );
    } catch (error) {
      const reason = explain(error);
      this.#workloads.set(nameOf(facts), { facts, state: { is: 'refused', reason } });
      this.#log.warn({ ...said, reason }, 'A process that is to be watched cannot be.');
    }
  }
}
