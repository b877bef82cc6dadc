import { type Clock, explain, type Log } from '#source';
import { type Loader, LoaderFault, type ProbeKind } from '../loader/loader.ts';
import { type ProcessFacts, unseenWords } from './processes.ts';
import { type Choice, chosen } from './selector.ts';

/** What is known of a process that was chosen. */
export interface Workload {
  readonly facts: ProcessFacts;
  readonly state:
    | { readonly is: 'watched'; readonly probes: readonly ProbeKind[] }
    | { readonly is: 'refused'; readonly reason: string };
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}

/** Names a process, and no later one that has its number. */
export const idOf = ({ pid, start }: Pick<ProcessFacts, 'pid' | 'start'>): string =>
  `${pid}-${start}`;

/** What somebody wanted of a process, and when: milliseconds since 1970. */
export interface Wish {
  readonly isOn: boolean;
  readonly at: number;
}

/** Keeps the loader watching those processes that are chosen, as they come and go. */
export class Watcher {
  readonly #log: Log;
  readonly #self: number;
  readonly #choice: Choice;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #workloads = new Map<string, Workload>();
  /** Of processes that were switched: kept as long as they run, whoever watches them. */
  readonly #wishes = new Map<string, Wish>();
  /** Those that nobody need switch on. */
  #configured: ReadonlySet<string> = new Set();
  /** By pid. Known before the loader has answered, as its pieces come right behind that. */
  #chosen: ReadonlyMap<number, ProcessFacts> = new Map();

  /** Those that are meant, and have nothing that can be probed. */
  blind: readonly ProcessFacts[] = [];
  /** All of the machine but this one, as they were at the last look. */
  processes: readonly ProcessFacts[] = [];

  constructor(
    choice: Choice,
    { log, clock }: { log: Log; clock: Pick<Clock, 'now'> },
    self: number,
  ) {
    this.#choice = { ...choice, wanted: (facts) => this.#wishes.get(idOf(facts))?.isOn };
    this.#log = log;
    this.#clock = clock;
    this.#self = self;
  }

  get workloads(): readonly Workload[] {
    return [...this.#workloads.values()];
  }

  /** The process with this pid, of those that are chosen. */
  find(pid: number): ProcessFacts | undefined {
    return this.#chosen.get(pid);
  }

  workload(id: string): Workload | undefined {
    return this.#workloads.get(id);
  }

  wish(id: string): Wish | undefined {
    return this.#wishes.get(id);
  }

  /** Whether the configuration alone chooses it, as of the last look. */
  isConfigured(facts: ProcessFacts): boolean {
    return this.#configured.has(idOf(facts));
  }

  /** From the next look on, and for as long as it runs. */
  want(id: string, isOn: boolean): void {
    this.#wishes.set(id, { isOn, at: this.#clock.now() });
  }

  /** A loader is gone, and with it all that it watched: the next look begins anew. */
  forget(): void {
    this.#workloads.clear();
  }

  /** One process is gone. */
  ended(pid: number, start: number): void {
    this.#workloads.delete(idOf({ pid, start }));
  }

  /** Looks at all processes, and watches those that should be. Rejects where the loader is gone. */
  async look(loader: Loader): Promise<void> {
    const all = (await loader.list()).filter(({ pid }) => pid !== this.#self);
    this.processes = all;
    const running = new Set(all.map(idOf));
    for (const id of this.#wishes.keys()) if (!running.has(id)) this.#wishes.delete(id);
    const configured = chosen(all, { ...this.#choice, wanted: undefined }, this.#self);
    this.#configured = new Set([...configured.visible, ...configured.blind].map(idOf));
    const { visible: wanted, blind } = chosen(all, this.#choice, this.#self);
    this.blind = blind;
    this.#chosen = new Map(wanted.map((facts) => [facts.pid, facts]));
    const ids = new Set(wanted.map(idOf));
    const leaving: Promise<void>[] = [];
    for (const [id, { facts, state }] of this.#workloads) {
      if (ids.has(id)) continue;
      this.#workloads.delete(id);
      if (state.is === 'watched') leaving.push(loader.unwatch(facts.pid));
    }
    await Promise.all(leaving);
    await Promise.all(wanted.map((facts) => this.#watch(facts, loader)));
  }

  async #watch(facts: ProcessFacts, loader: Loader): Promise<void> {
    if (this.#workloads.has(idOf(facts))) return;
    const { pid, name, program, container } = facts;
    const said = { pid, process: name, program, ...(container && { container }) };
    const put = (state: Workload['state']): void => {
      this.#workloads.set(idOf(facts), { facts, state, since: this.#clock.now() });
    };
    try {
      const { libraries } = await loader.watch(pid, facts.start);
      put({ is: 'watched', probes: libraries.map((library) => library.probes) });
      const files = libraries.map(({ file }) => file).join(', ');
      const unseen = unseenWords(facts);
      this.#log.info(
        { ...said, libraries: files, ...(unseen && { unseen }) },
        'A process is watched.',
      );
    } catch (error) {
      // It says nothing of the process: the next loader is asked again.
      if (error instanceof LoaderFault) throw error;
      const reason = explain(error);
      put({ is: 'refused', reason });
      this.#log.warn({ ...said, reason }, 'A process that is to be watched cannot be.');
    }
  }
}
