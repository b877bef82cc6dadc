/**
 * Objects at different places that are of one schema: a project is one in every answer that has projects. Nobody says which are, so
 * that it goes by their members: most of those of the smaller one are members of the larger one, too. What all of a family have tells more of
 * what is required than the few objects of one place.
 */
import type { ValueStats } from './stats.ts';

export type Members = ReadonlyMap<string, { readonly seen: number }>;

/** What the objects of a family say of a member. */
export interface InFamily {
  /** Places where it was always there, and in how many objects that was. */
  always: number;
  objects: number;
  /** Places where it was seen to be missing. */
  missing: number;
}

export type Family = ReadonlyMap<string, InFamily>;

/** An object with fewer members is not recognised. */
const fewestMembers = 3;
/** Share of the members of the smaller one that both have. */
const inCommon = 0.8;
/** Families that an object is compared with: those that have its rarest members. */
const rarest = 3;
const mostCompared = 40;
const mostPlaces = 50_000;

interface Growing {
  readonly members: Map<string, InFamily>;
}

/** By the members of each object. */
export function familiesOf(objects: Iterable<ValueStats>): WeakMap<Members, Family> {
  const places = [...objects].filter(({ members }) => members.size >= fewestMembers);
  places.length = Math.min(places.length, mostPlaces);
  const commonness = new Map<string, number>();
  for (const { members } of places)
    for (const name of members.keys()) commonness.set(name, (commonness.get(name) ?? 0) + 1);
  // Large objects first: what is of their family has some of their members.
  places.sort((one, other) => other.members.size - one.members.size || other.objects - one.objects);
  const byName = new Map<string, Growing[]>();
  const found = new WeakMap<Members, Family>();
  for (const { members, objects: count } of places) {
    const family = familyFor(members, commonness, byName);
    for (const [name, { seen }] of members) {
      let known = family.members.get(name);
      if (known === undefined) {
        family.members.set(name, (known = { always: 0, objects: 0, missing: 0 }));
        const having = byName.get(name);
        if (having === undefined) byName.set(name, [family]);
        else having.push(family);
      }
      if (seen < count) known.missing++;
      else {
        known.always++;
        known.objects += count;
      }
    }
    found.set(members, family.members);
  }
  return found;
}

function familyFor(
  members: Members,
  places: ReadonlyMap<string, number>,
  byName: ReadonlyMap<string, readonly Growing[]>,
): Growing {
  const telling = [...members.keys()]
    .sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0))
    .slice(0, rarest);
  let [best, most]: [Growing | undefined, number] = [undefined, inCommon];
  for (const candidate of new Set(
    telling.flatMap((name) => (byName.get(name) ?? []).slice(0, mostCompared)),
  )) {
    let shared = 0;
    for (const name of members.keys()) if (candidate.members.has(name)) shared++;
    const share = shared / Math.min(members.size, candidate.members.size);
    if (share >= most) [best, most] = [candidate, share];
  }
  return best ?? { members: new Map() };
}
