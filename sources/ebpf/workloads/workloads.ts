import type { Clock, ShownWorkload, Switched, Workloads } from '#source';
import type { Meter } from '../meter.ts';
import { type ProcessFacts, unseenWords } from '../watch/processes.ts';
import { idOf, type Watcher } from '../watch/watcher.ts';
import type { AllTraffic } from './traffic.ts';
import { Usages } from './usage.ts';

export interface EbpfWorkloadsParts {
  readonly watcher: Watcher;
  readonly meter: Meter;
  readonly traffic: AllTraffic;
  readonly clock: Clock;
  /** Processes that the configuration does not name may be switched on. */
  readonly isSwitchable: boolean;
  /** Looks at all processes now. Rejects where the loader is gone. */
  readonly look: () => Promise<void>;
}

/** What may be watched and is, for `/api/workloads`: processes with some TLS, and those that were meant. */
export class EbpfWorkloads implements Workloads {
  readonly #parts: EbpfWorkloadsParts;
  readonly #usages: Usages;

  constructor(parts: EbpfWorkloadsParts) {
    this.#parts = parts;
    this.#usages = new Usages(parts.clock);
  }

  get health(): Readonly<Record<string, unknown>> {
    return { ...this.#parts.meter.health, switchable: this.#parts.isSwitchable };
  }

  get list(): readonly ShownWorkload[] {
    const { watcher } = this.#parts;
    this.#usages.settle(watcher.processes);
    const blind = new Set(watcher.blind.map(idOf));
    return watcher.processes
      .filter(
        (facts) =>
          facts.libraries.length + facts.unseen.length > 0 ||
          blind.has(idOf(facts)) ||
          watcher.workload(idOf(facts)) !== undefined,
      )
      .map((facts) => this.#shown(facts));
  }

  async turn(id: string, isOn: boolean): Promise<Switched> {
    const { watcher, look, isSwitchable } = this.#parts;
    const facts = watcher.processes.find((each) => idOf(each) === id);
    if (facts === undefined) return { kind: 'unknown' };
    if (isOn && facts.libraries.length === 0)
      return { kind: 'refused', reason: unseenWords(facts) ?? 'nothing in it can be probed' };
    if (isOn && !isSwitchable && !watcher.isConfigured(facts))
      return {
        kind: 'refused',
        reason: 'neither watch nor every_process names it, and switchable is false',
      };
    watcher.want(id, isOn);
    await look();
    return { kind: 'done', workload: this.#shown(facts) };
  }

  #shown(facts: ProcessFacts): ShownWorkload {
    const { watcher, traffic } = this.#parts;
    const { pid, name, program, container, libraries } = facts;
    const id = idOf(facts);
    const workload = watcher.workload(id);
    const wish = watcher.wish(id);
    const seen = traffic.find(id);
    return {
      ...{ id, pid, name, program, container },
      ...this.#stateOf(facts),
      chosenBy:
        wish === undefined ? (watcher.isConfigured(facts) ? 'configuration' : undefined) : 'switch',
      since: workload?.since ?? (wish?.isOn === false ? wish.at : undefined),
      more: {
        libraries,
        ...(workload?.state.is === 'watched' ? { probes: workload.state.probes } : {}),
        ...(seen === undefined
          ? {}
          : {
              tls: {
                in: { pieces: seen.readPieces, bytes: seen.readBytes },
                out: { pieces: seen.writtenPieces, bytes: seen.writtenBytes },
              },
              calls: { in: seen.callsIn, out: seen.callsOut },
              unseen_bytes: seen.unseenBytes,
            }),
        ...this.#usages.of(facts),
      },
    };
  }

  #stateOf(facts: ProcessFacts): Pick<ShownWorkload, 'state' | 'reason'> {
    const { watcher } = this.#parts;
    const state = watcher.workload(idOf(facts))?.state;
    if (state?.is === 'refused') return { state: 'refused', reason: state.reason };
    if (state?.is === 'watched') return { state: 'watched', reason: unseenWords(facts) };
    if (facts.libraries.length === 0) return { state: 'not_visible', reason: unseenWords(facts) };
    return {
      state: 'off',
      reason:
        watcher.wish(idOf(facts))?.isOn === false
          ? 'it was switched off'
          : watcher.isConfigured(facts)
            ? 'the loader has not taken it yet'
            : 'neither watch nor every_process names it',
    };
  }
}
