import type { Operation } from '../operations/operation.ts';
import type { ValueStats } from '../values/stats.ts';
import type { PathNode } from './node.ts';
import { splitSegment } from './segment-kind.ts';

/** What was seen of one operation: how many calls, and by place in its bodies how many objects with which members how often. */
export interface WayFeatures {
  count: number;
  readonly objects: Map<string, ObjectFeatures>;
}

interface ObjectFeatures {
  objects: number;
  readonly names: Map<string, number>;
}

/** The operations at a node and below it, by method and by the way from it. */
export type Ways = ReadonlyMap<string, WayFeatures>;

/** Levels below a node that are looked at. */
const levels = 3;
const mostWays = 600;
const mostObjects = 12;
const mostNames = 40;
/** Levels of objects in a body: within the envelope that many APIs have around everything. */
const depth = 2;

/**
 * `isValue`: whether a literal directly below the node is a value, which is a place of its own in no way. Further down all are taken
 * together, with no schemas: few calls of one node lead to each, and nobody knows yet which of them are values.
 */
export function waysOf(node: PathNode, isValue: (name: string) => boolean): Ways {
  const found = new Map<string, WayFeatures>();
  const gather = (at: PathNode, way: string, level: number): void => {
    for (const [method, operation] of at.operations) {
      const key = `${method} ${way}`;
      let features = found.get(key);
      if (features === undefined) {
        if (found.size >= mostWays) continue;
        found.set(key, (features = { count: 0, objects: new Map() }));
      }
      features.count += operation.count;
      if (level <= 1) addOperation(features, operation);
    }
    if (level === levels) return;
    for (const [suffix, child] of at.parameters) gather(child, `${way}/{}${suffix}`, level + 1);
    for (const [name, child] of at.literals) {
      const isPlace = level === 0 && !isValue(name);
      gather(child, `${way}/${isPlace ? name : `{}${splitSegment(name).suffix}`}`, level + 1);
    }
  };
  gather(node, '', 0);
  return found;
}

function addOperation(features: WayFeatures, operation: Operation): void {
  if (operation.query.size > 0) {
    const counts = [...operation.query].map(([name, { seen }]) => [name, seen] as const);
    addObject(features, '?', operation.recorded, counts);
  }
  for (const { value } of operation.bodies.values()) addValue(features, '>', value, 0);
  for (const [status, { bodies }] of operation.responses)
    if (status >= 200 && status < 300)
      for (const { value } of bodies.values()) addValue(features, '<', value, 0);
}

function addValue(features: WayFeatures, place: string, stats: ValueStats, level: number): void {
  if (stats.items !== undefined) addValue(features, `${place}[]`, stats.items, level);
  if (stats.objects === 0) return;
  const counts = [...stats.members].map(([name, { seen }]) => [name, seen] as const);
  addObject(features, place, stats.objects, counts);
  if (level >= depth) return;
  for (const [name, member] of stats.members)
    addValue(features, `${place}.${name}`, member, level + 1);
}

function addObject(
  { objects }: WayFeatures,
  place: string,
  seen: number,
  counts: readonly (readonly [string, number])[],
): void {
  let known = objects.get(place);
  if (known === undefined) {
    if (objects.size >= mostObjects) return;
    objects.set(place, (known = { objects: 0, names: new Map() }));
  }
  known.objects += seen;
  for (const [name, count] of counts) {
    const before = known.names.get(name);
    if (before !== undefined || known.names.size < mostNames)
      known.names.set(name, (before ?? 0) + count);
  }
}

/** Both together, in the first. */
export function addWays(into: Map<string, WayFeatures>, other: Ways): void {
  for (const [way, features] of other) {
    let known = into.get(way);
    if (known === undefined) into.set(way, (known = { count: 0, objects: new Map() }));
    known.count += features.count;
    for (const [place, { objects, names }] of features.objects)
      addObject(known, place, objects, [...names]);
  }
}
