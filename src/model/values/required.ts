import type { Operation } from '../operations/operation.ts';
import { type Family, familiesOf, type Members } from './families.ts';
import type { ValueStats } from './stats.ts';

/** How members of an API are, by those that were seen often. */
export interface Habits {
  /** Share of the members that are not always there. */
  readonly optional: number;
  /** The same in objects that have such a member. */
  readonly optionalBeside: number;
  /** In which share of the objects such a member is there, on average. */
  readonly presence: number;
  /** Of names: in how many objects of different places they were, and in how many of these not always. */
  readonly names: ReadonlyMap<string, NameHabit>;
  /** By the members of an object: what all objects say that are of its schema. */
  readonly families: { get(members: Members): Family | undefined };
}

interface NameHabit {
  places: number;
  optional: number;
}

/** Names that habits are kept of. */
const mostNames = 20_000;

/** Objects of which so many were seen tell how an API is. */
const often = 10;
/** Before there are any: most members of most APIs are always there. */
const usual: Omit<Habits, 'names' | 'families'> = {
  optional: 0.3,
  optionalBeside: 0.6,
  presence: 0.5,
};
/** The usual counts as much as so many members, and so does the habit of an API in one of its objects. */
const weight = 30;
/** What the object says counts as much as so many places of the same name. */
const nameWeight = 3;
/** How sure it is that a member that is required at one place is required at the others of the same schema. */
const sameElsewhere = 0.95;
/** How sure it must be that a member is required. */
const sure = 0.9;

export function habitsOf(operations: Iterable<Operation>): Habits {
  const all = new Share(usual.optional);
  const beside = new Share(usual.optionalBeside);
  const presence = new Share(usual.presence);
  const names = new Map<string, NameHabit>();
  const objects: ValueStats[] = [];
  const walk = (stats: ValueStats): void => {
    if (stats.objects > 0) objects.push(stats);
    if (stats.objects >= often) {
      const some = [...stats.members.values()].filter(({ seen }) => seen < stats.objects);
      all.add(some.length, stats.members.size);
      if (some.length > 0) beside.add(some.length, stats.members.size);
      for (const { seen } of some) presence.add(seen / stats.objects, 1);
      for (const [name, { seen }] of stats.members) note(names, name, seen < stats.objects);
    }
    for (const member of stats.members.values()) walk(member);
    if (stats.items !== undefined) walk(stats.items);
    if (stats.entries !== undefined) walk(stats.entries);
  };
  for (const { bodies, responses } of operations) {
    for (const { value } of bodies.values()) walk(value);
    for (const response of responses.values())
      for (const { value } of response.bodies.values()) walk(value);
  }
  return {
    ...{ optional: all.value, optionalBeside: beside.value, presence: presence.value, names },
    families: familiesOf(objects),
  };
}

function note(names: Map<string, NameHabit>, name: string, isOptional: boolean): void {
  let habit = names.get(name);
  if (habit === undefined) {
    if (names.size >= mostNames) return;
    names.set(name, (habit = { places: 0, optional: 0 }));
  }
  habit.places++;
  if (isOptional) habit.optional++;
}

class Share {
  #part: number;
  #whole = weight;

  constructor(usually: number) {
    this.#part = usually * weight;
  }

  add(part: number, whole: number): void {
    this.#part += part;
    this.#whole += whole;
  }

  get value(): number {
    return this.#part / this.#whole;
  }
}

/**
 * Which of these names are required, where `objects` were seen. A name that was in all of them may be optional and have been there
 * by chance, which is likely where few were seen. So it is asked what is more probable, given how many of its neighbours are
 * optional, whether members of this name are elsewhere, first of all in objects of the same schema, and, where that says little, how the
 * members of this API are (Bayes' rule; the rest is counted).
 */
export function requiredAmong(
  names: Members,
  objects: number,
  habits: Habits,
): ReadonlySet<string> {
  const always = [...names].filter(([, { seen }]) => seen >= objects).map(([name]) => name);
  if (objects === 0 || always.length === 0) return new Set();
  const chance = habits.presence ** objects;
  const sometimes = names.size - always.length;
  const habit = sometimes > 0 ? habits.optionalBeside : habits.optional;
  // Of those that are optional, so many were seen to be; the others were always there by chance.
  const told = names.size * (1 - chance);
  const local = Math.min(1, sometimes / told);
  const optional = (local * told + habit * weight) / (told + weight);
  const family = habits.families.get(names);
  return new Set(
    always.filter((name) => {
      const known = habits.names.get(name) ?? { places: 0, optional: 0 };
      const byName = (known.optional + nameWeight * optional) / (known.places + nameWeight);
      const kin = family?.get(name) ?? { always: 1, objects, missing: 0 };
      const others = kin.always - 1 + kin.missing;
      const share = (kin.missing + nameWeight * byName) / (others + nameWeight);
      // By chance in all objects of the family, or, where they need not be alike, in those of this place.
      const byChance =
        kin.missing > 0
          ? chance
          : sameElsewhere * habits.presence ** kin.objects + (1 - sameElsewhere) * chance;
      return (1 - share) / (1 - share + share * byChance) >= sure;
    }),
  );
}
