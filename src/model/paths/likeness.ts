/**
 * How much what was seen below one literal speaks for its being a value of the same parameter as others: the logarithm of how much
 * more probable it is than below a word of its own (a Bayes factor, in nats). Positive: alike. Three things are asked:
 *
 * - **operations**: what one has and the other, by its share of the calls, should have had is as improbable as chance makes it
 *   (Poisson); what both have is worth the more, the less common it is for two words of an API to have it.
 * - **members**: in each object, whether each name is there as often as in the objects of the others (beta-binomial).
 * - words of an API may have the same schemas, too, so that what one operation says in favour is bounded.
 */
import type { WayFeatures, Ways } from './ways.ts';

/** How probable it is that two words have an operation in common: of resources, and with a word of an API in its way. */
const bareInCommon = 0.5;
const wordInCommon = 0.1;
/** What operations in common are worth at most. */
const mostForWays = 3;
/** How probable it is that what two words have in common has one schema. */
const sameSchema = 0.2;
/** Operations whose schemas are counted in favour. */
const mostSchemas = 3;
/** How probable it is that an object of another schema has a member of a given name. */
const nameInCommon = 0.2;
/** Names of one object count as so many at most, for they come and go together. */
const independent = 4;
/** A prior of how often a member is there: either nearly always or nearly never more than in between (beta distribution). */
const prior = 0.4;
const worst = -6;

export function likeness(one: Ways, others: Ways): number {
  const [hits, pooled] = [hitsOf(one), hitsOf(others)];
  if (hits === 0 || pooled === 0) return 0;
  let [inCommon, apart, schemas, counted] = [0, 0, 0, 0];
  for (const [way, features] of one) {
    const there = others.get(way);
    if (there === undefined) {
      apart -= Math.min(-worst, (features.count / (hits + 1)) * pooled);
      continue;
    }
    inCommon -= Math.log(/\/[^/{]/.test(way) ? wordInCommon : bareInCommon);
    const schema = schemaLikeness(features, there);
    if (schema > 0 && ++counted > mostSchemas) continue;
    schemas += schema;
  }
  for (const [way, { count }] of others)
    if (!one.has(way)) apart -= Math.min(-worst, (count / (pooled + 1)) * hits);
  return Math.min(mostForWays, Math.max(2 * worst, inCommon + apart)) + schemas;
}

const hitsOf = (ways: Ways): number => {
  let hits = 0;
  for (const { count } of ways.values()) hits += count;
  return hits;
};

function schemaLikeness(one: WayFeatures, others: WayFeatures): number {
  let sum = isOtherShape(one, others) ? worst / 2 : 0;
  for (const [place, { objects, names }] of one.objects) {
    const there = others.objects.get(place);
    if (there !== undefined) sum += membersLikeness(names, objects, there.names, there.objects);
  }
  if (sum <= worst) return worst;
  // Words may have the same schema.
  return -Math.log(sameSchema + (1 - sameSchema) * Math.exp(-sum));
}

/** One answers with an object, the other with a list of them. */
function isOtherShape(one: WayFeatures, others: WayFeatures): boolean {
  const [thing, list] = ['<', '<[]'];
  const isThing = one.objects.has(thing) && !others.objects.has(thing);
  const isList = one.objects.has(list) && !others.objects.has(list);
  return (isThing && others.objects.has(list)) || (isList && others.objects.has(thing));
}

function membersLikeness(
  names: ReadonlyMap<string, number>,
  objects: number,
  others: ReadonlyMap<string, number>,
  pooled: number,
): number {
  let [sum, count] = [0, 0];
  const add = (seen: number, there: number): void => {
    count++;
    const same = betaBinomial(seen, objects, there + prior, pooled - there + prior);
    const own = betaBinomial(seen, objects, prior, prior);
    // A name that only this one has is there because it has a schema of its own, which has some names.
    const isKnown = there > 0;
    const apart = !isKnown
      ? own
      : Math.log(nameInCommon * Math.exp(own) + (seen === 0 ? 1 - nameInCommon : 0));
    sum += same - apart;
  };
  for (const [name, seen] of names)
    add(Math.min(seen, objects), Math.min(pooled, others.get(name) ?? 0));
  for (const [name, there] of others) if (!names.has(name)) add(0, Math.min(there, pooled));
  return count <= independent ? sum : (sum / count) * independent;
}

/** The logarithm of the probability of one sequence with so many hits in so many tries, where the rate has a beta distribution. */
function betaBinomial(hits: number, tries: number, alpha: number, beta: number): number {
  return logBeta(hits + alpha, tries - hits + beta) - logBeta(alpha, beta);
}

const logBeta = (alpha: number, beta: number): number =>
  logGamma(alpha) + logGamma(beta) - logGamma(alpha + beta);

/** Stirling's series, from where it is exact to 1e-8. */
function logGamma(value: number): number {
  let [at, below] = [value, 0];
  while (at < 6) below += Math.log(at++);
  const inverse = 1 / at;
  const series = inverse * (1 / 12 - inverse * inverse * (1 / 360 - (inverse * inverse) / 1260));
  return (at - 0.5) * Math.log(at) - at + 0.918938533204673 + series - below;
}
