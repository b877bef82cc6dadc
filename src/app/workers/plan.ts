import type { BoundsConfig } from '../../config/config.ts';
import { type Bytes, bytes } from '../../lib/units.ts';
import type { CheckedPump } from '../../pump/check-pumps.ts';

/** A route as one thread runs it, with its share of what the process may have. */
export interface Assignment {
  readonly route: string;
  /** Batches under way at once. */
  readonly inFlight: number;
  readonly inFlightBytes: Bytes;
  /** One thread looks for dead letters to be delivered again; more would only ask Redis more. */
  readonly retriesLetters: boolean;
}

/** Which thread runs which routes. Without workers the main thread runs all of them. */
export interface Plan {
  readonly main: readonly Assignment[];
  readonly workers: readonly (readonly Assignment[])[];
  /** Of each thread that has routes. */
  readonly cacheBytes: Bytes;
  readonly spillBytes: Bytes;
}

interface Wish {
  readonly pumps: readonly {
    readonly entry: Pick<CheckedPump['entry'], 'name'>;
    readonly pump: Pick<CheckedPump['pump'], 'workers'>;
    readonly limits: Pick<CheckedPump['limits'], 'inFlight'>;
  }[];
  /** 1 or less: no threads beside the main one. */
  readonly workers: number;
  readonly bounds: BoundsConfig;
  /** The plan until now: a route stays in the threads where it is. Left out: there is none. */
  readonly before?: Plan;
}

/** How many workers an operator gets who does not say. */
export const workersFor = (wanted: number | undefined, cores: number): number =>
  wanted ?? Math.max(1, cores - 1);

/**
 * Divides the routes among threads so that every bound of the process still holds: a route runs in no more threads than
 * it may have batches under way, and these, its bytes in flight, the cache and the disk are shared out.
 */
export function planThreads({ pumps, workers, bounds, before }: Wish): Plan {
  const main: Assignment[] = [];
  const threads: Assignment[][] = Array.from({ length: workers > 1 ? workers : 0 }, () => []);
  const numbers = threads.map((_, number) => number);
  // Not all from the first thread on, so that routes of few threads are spread.
  const from = (index: number) => [...numbers.slice(index), ...numbers.slice(0, index)];
  for (const [index, { entry, pump, limits }] of pumps.entries()) {
    const most = limits.inFlight;
    const isShared = threads.length > 0 && pump.workers === 'any';
    const parts = isShared ? Math.min(threads.length, most) : 1;
    const places = before === undefined ? [] : placesIn(before, entry.name);
    const others = from(index % Math.max(1, threads.length)).filter(
      (each) => !places.includes(each),
    );
    const turns = [...places, ...others];
    for (let part = 0; part < parts; part++) {
      const assignment = {
        route: entry.name,
        inFlight: Math.floor((most + part) / parts),
        inFlightBytes: bytes(Math.floor(bounds.inFlightBytes / parts)),
        retriesLetters: part === 0,
      };
      (isShared ? threads[turns[part] ?? 0] : main)?.push(assignment);
    }
  }
  const isBusy = ({ length }: readonly Assignment[]): boolean => length > 0;
  // Those that are there stay, whether they have something to do or not.
  const there = before?.workers.length ?? 0;
  const needed = before === undefined ? 0 : 1 + threads.findLastIndex(isBusy);
  const kept =
    before === undefined ? threads.filter(isBusy) : threads.slice(0, Math.max(there, needed));
  const shares = Math.max(1, threads.filter(isBusy).length + (main.length > 0 ? 1 : 0));
  return {
    main,
    workers: kept,
    cacheBytes: bytes(Math.floor(bounds.cacheBytes / shares)),
    spillBytes: bytes(Math.floor(bounds.spillBytes / shares)),
  };
}

/** The threads that run a route, the one that looks for its dead letters first. */
function placesIn({ workers }: Plan, route: string): readonly number[] {
  const found = workers.flatMap((assignments, number) =>
    assignments.filter((each) => each.route === route).map((each) => ({ number, ...each })),
  );
  return found
    .toSorted((a, b) => Number(b.retriesLetters) - Number(a.retriesLetters))
    .map(({ number }) => number);
}
