import { type Millis, millis } from '../lib/units.ts';
import { compareEntries, type SegmentInfo, type Standing, type Survey } from './survey.ts';

/**
 * What to do when claimed segments hold more bytes than they may (architecture.md, "Bounds"). Pure: it looks at a
 * survey and names what to drop.
 *
 * A claim moves no bytes, so being over the bound can have two causes. Either a route does not keep up: then its
 * oldest ranges go, for it alone. Or there simply is much to do and every route is at work: then dropping would lose
 * records for nothing, and claiming pauses until some are done. A route does not keep up when it has answered nothing
 * for `stalledAfter`, or where a sibling has already answered for the same records.
 */
export const stalledAfter: Millis = millis(30_000);

/** A relief goes on until so much of the bound is used: below it, so that the next one is not due at once. */
export const relievedShare = 0.8;

/** Drop everything of a route on a list up to and including an entry. */
export interface Shedding {
  readonly survey: Survey;
  readonly route: string;
  readonly upTo: string;
}

/** Remembers when each route last moved, by this process's own observation. */
export class Progress {
  readonly #last = new Map<string, { oldest: string; since: Millis }>();

  /** Takes note of where routes stand. `elapsed` is monotonic. */
  note({ list, standings }: Survey, elapsed: Millis): void {
    for (const { route, oldest } of standings) {
      const key = `${list.key} ${route}`;
      if (this.#last.get(key)?.oldest !== oldest) this.#last.set(key, { oldest, since: elapsed });
    }
  }

  isStalled(list: string, route: string, elapsed: Millis): boolean {
    const known = this.#last.get(`${list} ${route}`);
    return known !== undefined && known.oldest !== '' && elapsed - known.since >= stalledAfter;
  }
}

/** Picks what to shed until `excess` bytes can be reclaimed: oldest segments first, all routes that hold them up. */
export function planShedding(
  surveys: readonly Survey[],
  excess: number,
  isStalled: (list: string, route: string) => boolean,
): readonly Shedding[] {
  const candidates = surveys
    .flatMap((survey) => survey.segments.map((segment) => ({ survey, segment })))
    .sort((a, b) => compareEntries(a.segment.lastEntry, b.segment.lastEntry));
  const plan = new Map<string, Shedding>();
  let left = excess;
  for (const { survey, segment } of candidates) {
    if (left <= 0) break;
    const late = survey.standings.filter((standing) => needs(standing, segment));
    const hasSiblingDone = late.length < survey.standings.length;
    if (!late.every(({ route }) => hasSiblingDone || isStalled(survey.list.key, route))) continue;
    for (const { route } of late)
      plan.set(`${survey.list.key} ${route}`, { survey, route, upTo: segment.lastEntry });
    left -= segment.bytes;
  }
  return [...plan.values()];
}

/** True while the route has not answered for the whole segment. */
function needs({ oldest }: Standing, { lastEntry }: SegmentInfo): boolean {
  return oldest !== '' && compareEntries(oldest, lastEntry) <= 0;
}
