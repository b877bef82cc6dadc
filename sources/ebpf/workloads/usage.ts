import { readFileSync } from 'node:fs';
import type { Clock } from '#source';
import type { ProcessFacts } from '../watch/processes.ts';
import { idOf } from '../watch/watcher.ts';

/** What a process takes of the machine. */
export interface ProcessUsage {
  /** User and system time since its start. */
  readonly cpu_seconds: number;
  /** Of one processor, since it was asked for last; undefined: nobody has asked before. */
  readonly cpu_share: number | undefined;
  /** Resident. */
  readonly memory_bytes: number;
}

/** Linux reports times in hundredths of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
/** A share over less time than this says nothing: the one before it is told again. */
const shortest = 500;

/** Looks into /proc; what cannot be read there is left out. */
export class Usages {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #before = new Map<
    string,
    { readonly at: number; readonly cpu: number; readonly share: number | undefined }
  >();

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
  }

  of(facts: ProcessFacts): ProcessUsage | undefined {
    const cpu = cpuOf(facts.pid);
    const memory = memoryOf(facts.pid);
    if (cpu === undefined || memory === undefined) return undefined;
    const id = idOf(facts);
    const before = this.#before.get(id);
    const now = this.#clock.elapsed();
    const passed = before === undefined ? 0 : now - before.at;
    if (before !== undefined && passed < shortest)
      return { cpu_seconds: cpu, cpu_share: before.share, memory_bytes: memory };
    const share =
      before === undefined ? undefined : Number((((cpu - before.cpu) * 1000) / passed).toFixed(4));
    this.#before.set(id, { at: now, cpu, share });
    return { cpu_seconds: cpu, cpu_share: share, memory_bytes: memory };
  }

  /** Forgets those that run no more. */
  settle(running: readonly ProcessFacts[]): void {
    const ids = new Set(running.map(idOf));
    for (const id of this.#before.keys()) if (!ids.has(id)) this.#before.delete(id);
  }
}

/** Seconds. */
function cpuOf(pid: number): number | undefined {
  const stat = read(pid, 'stat');
  // The name in brackets may hold anything; fields count from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / ticksPerSecond : undefined;
}

function memoryOf(pid: number): number | undefined {
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(read(pid, 'status')) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}
