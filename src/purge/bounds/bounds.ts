import { type Millis, millis } from '../../lib/units.ts';
import { compareEntries } from '../lease/manifest-entry.ts';
import type { SegmentInfo, Standing, Survey } from './survey.ts';

/**
 * What to do when claimed segments hold more bytes than they may (ARCHITECTURE.md, "Bounds"). Pure: it looks at a
 * survey and names what to drop.
 *
 * A claim moves no bytes: what a big backlog holds, it held before as a list of the gateway's. So being over the bound
 * can have three causes:
 *
 * - A route is **stalled**: it has answered nothing for half a minute (`stalledAfter`). Its oldest ranges go, for it alone.
 * - A route is **late**: a sibling has answered for the same segment already, and what is behind each list's oldest
 *   segment exceeds the bound by itself. Its oldest ranges go as well, or the sibling would have to wait for it. The
 *   oldest segments do not count, or the end of every big backlog would be dropped for all sinks but the fastest.
 * - There is much to do and every route is at work. Dropping would lose records for nothing; claiming pauses once what
 *   is behind the oldest segments exceeds the bound.
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
  readonly #last = new Map<string, { readonly oldest: string; readonly since: Millis }>();

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

/** Whether a route's part of a segment may be dropped. */
export type MayDrop = (list: string, route: string, hasSiblingDone: boolean) => boolean;

/** Picks what to shed until `excess` bytes can be reclaimed: oldest segments first, all routes that hold them up. */
export function planShedding(
  surveys: readonly Survey[],
  excess: number,
  mayDrop: MayDrop,
): readonly Shedding[] {
  const candidates = surveys
    .flatMap((survey) => survey.segments.map((segment) => ({ survey, segment })))
    .sort((a, b) => compareEntries(a.segment.lastEntry, b.segment.lastEntry));
  const plan = new Map<string, Shedding>();
  let left = excess;
  for (const { survey, segment } of candidates) {
    if (left <= 0) break;
    const awaited = survey.standings.filter((standing) => needs(standing, segment));
    const hasSiblingDone = awaited.length < survey.standings.length;
    if (!awaited.every(({ route }) => mayDrop(survey.list.key, route, hasSiblingDone))) continue;
    for (const { route } of awaited)
      plan.set(nameOf({ survey, route }), { survey, route, upTo: segment.lastEntry });
    left -= segment.bytes;
  }
  return [...plan.values()];
}

/** Of several plans the one that goes furthest, for each route and list. */
export function widest(...plans: readonly (readonly Shedding[])[]): readonly Shedding[] {
  const widest = new Map<string, Shedding>();
  for (const shedding of plans.flat()) {
    const known = widest.get(nameOf(shedding));
    if (known === undefined || compareEntries(known.upTo, shedding.upTo) < 0)
      widest.set(nameOf(shedding), shedding);
  }
  return [...widest.values()];
}

const nameOf = ({ survey, route }: Pick<Shedding, 'survey' | 'route'>): string =>
  `${survey.list.key} ${route}`;

/** True while the route has not answered for the whole segment. */
function needs({ oldest }: Standing, { lastEntry }: SegmentInfo): boolean {
  return oldest !== '' && compareEntries(oldest, lastEntry) <= 0;
}
