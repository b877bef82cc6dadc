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
}

/** How many workers an operator gets who does not say. */
export const workersFor = (wanted: number | undefined, cores: number): number =>
  wanted ?? Math.max(1, cores - 1);

/**
 * Divides the routes among threads so that every bound of the process still holds: a route runs in no more threads than
 * it may have batches under way, and these, its bytes in flight, the cache and the disk are shared out.
 */
export function planThreads({ pumps, workers, bounds }: Wish): Plan {
  const main: Assignment[] = [];
  const threads: Assignment[][] = Array.from({ length: workers > 1 ? workers : 0 }, () => []);
  for (const [index, { entry, pump, limits }] of pumps.entries()) {
    const most = limits.inFlight;
    const isShared = threads.length > 0 && pump.workers === 'any';
    const parts = isShared ? Math.min(threads.length, most) : 1;
    for (let part = 0; part < parts; part++) {
      const assignment = {
        route: entry.name,
        inFlight: Math.floor((most + part) / parts),
        inFlightBytes: bytes(Math.floor(bounds.inFlightBytes / parts)),
        retriesLetters: part === 0,
      };
      // Not all from the first thread on, so that routes of few threads are spread.
      const thread = isShared ? threads[(index + part) % threads.length] : main;
      thread?.push(assignment);
    }
  }
  const busy = threads.filter((assignments) => assignments.length > 0);
  const shares = Math.max(1, busy.length + (main.length > 0 ? 1 : 0));
  return {
    main,
    workers: busy,
    cacheBytes: bytes(Math.floor(bounds.cacheBytes / shares)),
    spillBytes: bytes(Math.floor(bounds.spillBytes / shares)),
  };
}
