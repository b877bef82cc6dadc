import { type FileHandle, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { silentMetrics } from '../lib/metrics.ts';
import { mebibytes, millis } from '../lib/units.ts';
import { aborted, pause } from '../lib/waiting.ts';
import type { Chunks, Lease, Range, RouteLeases, Tally } from '../purge/lease/lease.ts';
import { aList } from '../purge/testing.ts';
import type { RedisClient } from '../redis/client.ts';
import { type Disk, systemDisk } from './disk.ts';
import { Spill, type SpillParts } from './spill.ts';

export const scratch = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'sluice-spill-'));

export const aRange = (changes: Partial<Range> = {}): Range => ({
  list: aList(),
  segment: 'segment-1',
  start: 0,
  count: 1,
  bytes: 1,
  claimedAt: 1_700_000_000_000,
  ...changes,
});

/** A process that dies: from the moment on, nothing of it reaches the disk or Redis. */
export class Mortal {
  /** Disk operations begun. */
  operations = 0;
  readonly #dieAt: number;
  readonly #how: 'before' | 'after' | 'within';

  /** Dies at the n-th disk operation: before it, after it, or, where it writes, half-way. */
  constructor(dieAt = Number.POSITIVE_INFINITY, how: 'before' | 'after' | 'within' = 'before') {
    this.#dieAt = dieAt;
    this.#how = how;
  }

  readonly #death = new AbortController();

  /** Aborts at the death: what waits in the process waits no more. */
  get signal(): AbortSignal {
    return this.#death.signal;
  }

  get isDead(): boolean {
    return this.signal.aborted;
  }

  die(): void {
    this.#death.abort(new Error('this process is dead'));
  }

  guard(): void {
    if (this.isDead) throw new Error('this process is dead');
  }

  /** Quick, and no time passes for the dead: what waits there goes on never again. */
  get clock(): Clock {
    return {
      ...systemClock,
      sleep: async (time, signal) => {
        await pause(systemClock, millis(time / 100), AbortSignal.any([signal, this.signal]));
        signal.throwIfAborted();
        if (this.isDead) await new Promise<never>(() => undefined);
      },
    };
  }

  get disk(): Disk {
    return this.#wrapped(systemDisk);
  }

  #wrapped<T extends object>(of: T): T {
    return new Proxy(of, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => this.#run(value.bind(target) as Operation, given, name);
      },
    });
  }

  async #run(operation: Operation, given: unknown[], name: string | symbol): Promise<unknown> {
    // What only reads or closes changes nothing on disk.
    if (name === 'close' || name === 'read' || name === 'stat') return operation(...given);
    this.guard();
    this.operations++;
    const isLast = this.operations === this.#dieAt;
    if (isLast && this.#how !== 'after') {
      if (this.#how === 'within' && name === 'write') {
        const [bytes, from, length, at] = given as [Buffer, number, number, number];
        await operation(bytes, from, Math.floor(length / 2), at);
      }
      if (this.#how === 'within' && name === 'appendFile') {
        const [file, text] = given as [string, string];
        await operation(file, text.slice(0, text.length / 2));
      }
      this.die();
    }
    this.guard();
    const result = await operation(...given);
    if (isLast) this.die();
    // As the kernel does with what a dead process had open.
    if (this.isDead && name === 'open') await (result as FileHandle).close();
    this.guard();
    return name === 'open' ? this.#wrapped(result as FileHandle) : result;
  }
}

type Operation = (...given: unknown[]) => Promise<unknown>;

/** What Redis holds for one route: ranges until they are settled. Outlives the processes of a test. */
export class FakeStore {
  readonly unsettled = new Map<string, { lease: Lease; elements: readonly Buffer[] }>();
  readonly tallies = new Map<string, Tally>();
  #sequence = 0;

  claim(records: readonly (string | Buffer)[]): Lease {
    const id = `1700000000000-${++this.#sequence}`;
    const range = aRange({ segment: `segment-${this.#sequence}`, count: records.length });
    const lease = { id, range };
    const elements = records.map((each) => (typeof each === 'string' ? Buffer.from(each) : each));
    this.unsettled.set(id, { lease, elements });
    return lease;
  }

  elementsOf({ segment }: Range): readonly Buffer[] {
    const found = [...this.unsettled.values()].find(({ lease }) => lease.range.segment === segment);
    return found?.elements ?? [];
  }

  get chunks(): Chunks {
    return {
      read: (range) => {
        const elements = this.elementsOf(range);
        const chunk = range.list.decoder.decode(elements);
        return Promise.resolve({ chunk, vanished: range.count - elements.length });
      },
    };
  }

  /** For a process; what an earlier one held is free again. */
  leases(mortal: Mortal): RouteLeases {
    const unread = [...this.unsettled.values()].map(({ lease }) => lease);
    const held = new Set<Lease>();
    const release = (leases: readonly Lease[]): Promise<void> => {
      unread.unshift(...leases.filter((lease) => held.delete(lease)));
      return Promise.resolve();
    };
    return {
      async take(most, signal) {
        const taken = unread.splice(0, most);
        for (const lease of taken) held.add(lease);
        if (taken.length === 0) await aborted(signal);
        return taken;
      },
      settle: async (lease, tally) => {
        await Promise.resolve();
        mortal.guard();
        held.delete(lease);
        if (this.unsettled.delete(lease.id)) this.tallies.set(lease.id, tally);
      },
      isHeld: (lease) => Promise.resolve(held.has(lease)),
      release,
      releaseAll: () => release([...held]),
      keep: () => Promise.resolve(),
    };
  }
}

let lives = 0;

/** A process's spill over a folder. */
export async function aSpill(
  root: string,
  store: FakeStore,
  { mortal = new Mortal(), ...changes }: Partial<SpillParts> & { readonly mortal?: Mortal } = {},
): Promise<Spill> {
  const client = {
    status: 'wait',
    on: () => undefined,
    lrangeBuffer: (key: string) => {
      mortal.guard();
      const segment = key.slice(key.lastIndexOf(':') + 1);
      return Promise.resolve([...store.elementsOf(aRange({ segment }))]);
    },
  };
  return Spill.open({
    root,
    limit: mebibytes(100),
    fileMode: 0o600,
    instance: `life-${++lives}`,
    host: 'a-host',
    pid: 1,
    client: client as unknown as RedisClient,
    lists: [aList()],
    routes: ['A'],
    clock: mortal.clock,
    log: silentLog,
    metrics: silentMetrics,
    disk: mortal.disk,
    ...changes,
  });
}
