import type { Document } from 'mongodb';
import { type Aggregate, type Counter, OpenCounter, type Tally } from '#pump';
import { readCounter } from './counter-document.ts';
import { memberName } from './keys.ts';
import { Notes } from './notes.ts';
import { nestedDimensions } from './vocabulary.ts';

/** Where a counter stands in a document: `endpoints./pets`. */
export interface Place {
  readonly dimension: string;
  /** Of a nested dimension, as a member's name. */
  readonly outer: string | undefined;
  readonly path: string;
}

/**
 * A document of a bucket, as it was read or written last. A bucket has one, and more where that has become too large: each
 * counts for itself, and no record is counted by two of them.
 */
export interface Part {
  /** Undefined: it is not stored yet. */
  readonly id: unknown;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Undefined: stored by someone who has no revisions, or not stored. */
  revision: number | undefined;
  /** Nothing is added to it any more. */
  isFull: boolean;
  readonly notes: Notes;
  total: OpenCounter | undefined;
  /** By their paths; a full part needs none. */
  readonly counters: Map<string, { readonly place: Place; readonly counter: OpenCounter }>;
}

/** The member of ours in a document. */
export const ownMember = 'sluice';

function placeOf({ dimension, outer, value }: Tally): Place {
  const name = memberName(value);
  if (outer === undefined)
    return { dimension: dimension.bson, outer, path: `${dimension.bson}.${name}` };
  const above = memberName(outer);
  return { dimension: dimension.bson, outer: above, path: `${dimension.bson}.${above}.${name}` };
}

/** What a document says, of these dimensions. */
export function readPart(document: Document, dimensions: ReadonlySet<string>): Part {
  const own = (document[ownMember] ?? {}) as {
    readonly revision?: number;
    readonly full?: boolean;
    readonly counted?: Readonly<Record<string, readonly number[]>>;
  };
  const isFull = own.full === true;
  const counters: Part['counters'] = new Map();
  if (!isFull)
    for (const dimension of dimensions)
      for (const [place, counter] of countersIn(document[dimension], dimension))
        counters.set(place.path, { place, counter: readCounter(counter) });
  return {
    id: document['_id'],
    timestamp: Math.floor((document['timestamp'] as Date).getTime() / 1_000),
    revision: own.revision,
    isFull,
    notes: new Notes(Object.entries(own.counted ?? {})),
    total: isFull ? undefined : readCounter((document['total'] ?? {}) as Document),
    counters,
  };
}

export const newPart = (timestamp: number): Part => ({
  id: undefined,
  timestamp,
  revision: undefined,
  isFull: false,
  notes: new Notes(),
  total: undefined,
  counters: new Map(),
});

function* countersIn(members: unknown, dimension: string): Iterable<readonly [Place, Document]> {
  if (typeof members !== 'object' || members === null) return;
  for (const [name, value] of Object.entries(members as Readonly<Record<string, Document>>)) {
    if (!nestedDimensions.has(dimension))
      yield [{ dimension, outer: undefined, path: `${dimension}.${name}` }, value];
    else
      for (const [inner, counter] of Object.entries(value) as readonly (readonly [
        string,
        Document,
      ])[])
        yield [{ dimension, outer: name, path: `${dimension}.${name}.${inner}` }, counter];
  }
}

/** Counters of an aggregate that a document is to have. */
export function placedIn(
  { tallies }: Aggregate,
  ignored: ReadonlySet<string>,
): ReadonlyMap<string, { readonly place: Place; readonly counter: Counter }> {
  const placed = new Map<string, { readonly place: Place; readonly counter: Counter }>();
  for (const tally of tallies) {
    if (ignored.has(tally.dimension.bson)) continue;
    const place = placeOf(tally);
    const other = placed.get(place.path)?.counter;
    // Values of which one is written as the other would be.
    const counter = other === undefined ? tally.counter : sumOf(other, tally.counter);
    placed.set(place.path, { place, counter });
  }
  return placed;
}

/** Of two counters, which stay as they are. */
export function sumOf(one: Counter | undefined, other: Counter): OpenCounter {
  const { humanIdentifier, lastTime } = one ?? other;
  const sum = new OpenCounter(other.identifier, humanIdentifier, lastTime);
  if (one !== undefined) sum.add(one);
  sum.add(other);
  return sum;
}
