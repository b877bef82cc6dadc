import type { Log } from '../../lib/log.ts';

/** A route that had no position in a list, and has one now. */
export interface Begun {
  readonly route: string;
  /** Older records that it gets. */
  readonly taken: number;
  /** Older records, kept for others, that it does not get. */
  readonly passedBy: number;
}

/** What make-groups.ts gives. */
export type BegunReply = readonly (readonly [string, number, number])[];

export const begunOf = (reply: BegunReply): readonly Begun[] =>
  reply.map(([route, taken, passedBy]) => ({ route, taken, passedBy }));

/**
 * Where a process lets its routes begin in lists that know nothing of them (make-groups.ts): a route that is new begins
 * with what is claimed next, unless its entry says otherwise. Once every group of a list has been there in this life, one
 * that is missing was lost, and its route begins with the oldest range.
 */
export class Starts {
  readonly #fromOldest: readonly string[];
  readonly #ensured = new Set<string>();

  /** Those of the routes that get what is still kept for others when they are new. */
  constructor(fromOldest: readonly string[] = []) {
    this.#fromOldest = fromOldest;
  }

  /** Every group of the list is there. */
  ensured(list: string): void {
    this.#ensured.add(list);
  }

  /** For a script: each route, and where it begins. */
  argsFor(list: string, routes: readonly string[]): readonly string[] {
    const isEnsured = this.#ensured.has(list);
    return routes.flatMap((route) => [
      route,
      isEnsured || this.#fromOldest.includes(route) ? 'oldest' : 'now',
    ]);
  }
}

/** Says which older records routes without a position get, or do not get, over all lists. */
export function reportBegun(begun: readonly Begun[], log: Log): void {
  const sums = new Map<string, { taken: number; passedBy: number }>();
  for (const { route, taken, passedBy } of begun) {
    const sum = sums.get(route) ?? { taken: 0, passedBy: 0 };
    sums.set(route, { taken: sum.taken + taken, passedBy: sum.passedBy + passedBy });
  }
  for (const [route, { taken, passedBy }] of sums) {
    if (taken > 0)
      log.info(
        { route, records: taken },
        'A pump without a position in Redis begins with older records that are still kept there.',
      );
    if (passedBy > 0)
      log.info(
        { route, records: passedBy },
        'A pump without a position in Redis begins with what is claimed from now on; older records, kept for others, pass it by.',
      );
  }
}
