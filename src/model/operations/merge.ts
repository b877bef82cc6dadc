import { addCounts, mergeNamed, mergeStats } from '../values/merge.ts';
import { placesIn, type ValueStats } from '../values/stats.ts';
import { type BodyStats, newResponse, type Operation, type ResponseStats } from './operation.ts';

/** Both as one, in the first. */
export function mergeOperations(into: Operation, other: Operation): void {
  into.count += other.count;
  into.recorded += other.recorded;
  into.firstSeen = Math.min(into.firstSeen, other.firstSeen);
  into.lastSeen = Math.max(into.lastSeen, other.lastSeen);
  mergeNamed(into.query, other.query);
  mergeNamed(into.headers, other.headers);
  addCounts(into.cookies, other.cookies);
  addCounts(into.auth, other.auth);
  mergeBodies(into.bodies, other.bodies);
  for (const [status, response] of other.responses) {
    const own = into.responses.get(status);
    if (own === undefined) into.responses.set(status, mergedResponse(newResponse(), response));
    else mergedResponse(own, response);
  }
  const { latency } = into;
  latency.sum += other.latency.sum;
  latency.max = Math.max(latency.max, other.latency.max);
  for (const [bucket, count] of other.latency.buckets.entries())
    latency.buckets[bucket] = (latency.buckets[bucket] ?? 0) + count;
}

function mergedResponse(into: ResponseStats, other: ResponseStats): ResponseStats {
  into.count += other.count;
  into.recorded += other.recorded;
  mergeNamed(into.headers, other.headers);
  mergeBodies(into.bodies, other.bodies);
  return into;
}

function mergeBodies(into: Map<string, BodyStats>, other: ReadonlyMap<string, BodyStats>): void {
  for (const [type, body] of other) {
    const own = into.get(type);
    if (own === undefined) {
      into.set(type, body);
      continue;
    }
    own.count += body.count;
    own.unread += body.unread;
    mergeStats(own.value, body.value);
    for (const name of body.files) own.files.add(name);
  }
}

/** Places in its schemas, as they are counted against their bound. */
export function placesOf({ query, headers, bodies, responses }: Operation): number {
  const named = (stats: ReadonlyMap<string, ValueStats>): number =>
    [...stats.values()].reduce((sum, each) => sum + placesIn(each), 0);
  const inBodies = (each: ReadonlyMap<string, BodyStats>): number =>
    [...each.values()].reduce((sum, { value }) => sum + placesIn(value), 0);
  let places = named(query) + named(headers) + inBodies(bodies);
  for (const response of responses.values())
    places += named(response.headers) + inBodies(response.bodies);
  return places;
}
