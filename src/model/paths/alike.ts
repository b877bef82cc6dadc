/**
 * Which literals side by side are values of one parameter, by what was seen below them. They are put together with those that they are
 * like, the most called first; then it is asked of each such group whether it is more probable that its members are values:
 *
 * - how alike they are (`likeness.ts`), member by member;
 * - how often they were called: an operation of a word has its calls for itself, values share those of one operation;
 * - where they stand: values stand behind the name of a collection, hardly behind another value, hardly at the root;
 * - what stands beside them: few words stand beside values, many beside words.
 */
import { likeness } from './likeness.ts';
import { addWays, type WayFeatures, type Ways } from './ways.ts';

interface Literal {
  readonly name: string;
  readonly hits: number;
  readonly ways: Ways;
}

/** What stands before a literal. */
export type Before = 'root' | 'word' | 'value' | 'unknown';

interface Place {
  readonly before: Before;
  /** What the calls of values that are known as such by their looks lead to; undefined: there are none. */
  readonly parameter: Ways | undefined;
  /** Literals of any kind at this place. */
  readonly siblings: number;
  /** Calls that an operation of this API usually has. */
  readonly usual: number;
  /** How much must speak for it; more where it cannot be undone. */
  readonly least: number;
}

/** The logarithm of how probable it is that literals are values, by what stands before them. */
const priors: Readonly<Record<Before, number>> = {
  root: -8,
  word: -1.5,
  value: -3.5,
  unknown: -2.5,
};
/** What each literal beside a group speaks against it, and all of them at most. */
const besideValues = 0.8;
const mostBeside = 8;
/** To be put with others at all. */
const leastLikeness = 0.3;
/** What must speak for a literal that stands beside values. */
const leastBesideValues = 1.2;
const mostGroups = 40;
/** With fewer calls of an operation their number says nothing. */
const fewestUsual = 4;

interface Group {
  readonly ways: Map<string, WayFeatures>;
  readonly isOfParameter: boolean;
  readonly members: { readonly literal: Literal; readonly evidence: number }[];
}

/** The names of those that are values. The order of the literals makes no difference. */
export function alikeAmong(literals: readonly Literal[], place: Place): readonly string[] {
  let groups = groupsOf(literals, place.parameter);
  // What stood alone is compared again, with groups that have all of their members.
  const [small, large] = [groups.filter(isSingle), groups.filter((each) => !isSingle(each))];
  if (small.length > 0 && large.length > 0) {
    const alone = small.flatMap(({ members }) => members.map(({ literal }) => literal));
    groups = groupsOf(alone, undefined, large);
  }
  const found = new Set<string>();
  for (const group of groups.sort(byMembers))
    for (const name of valuesOf(group, place, found.size)) found.add(name);
  return [...found];
}

const isSingle = ({ members, isOfParameter }: Group): boolean =>
  members.length < 2 && !isOfParameter;

const byMembers = (one: Group, other: Group): number =>
  Number(other.isOfParameter) - Number(one.isOfParameter) ||
  other.members.length - one.members.length;

function groupsOf(
  literals: readonly Literal[],
  parameter: Ways | undefined,
  known: readonly Group[] = [],
): Group[] {
  const groups = [...known];
  const begin = (ways: Ways, isOfParameter: boolean): Group => {
    const group: Group = { ways: new Map(), isOfParameter, members: [] };
    addWays(group.ways, ways);
    if (groups.length < mostGroups) groups.push(group);
    return group;
  };
  if (parameter !== undefined) begin(parameter, true);
  const sorted = [...literals].sort(
    (one, other) => other.hits - one.hits || (one.name < other.name ? -1 : 1),
  );
  for (const literal of sorted) {
    let [best, evidence]: [Group | undefined, number] = [undefined, leastLikeness];
    for (const group of groups) {
      const likely = likeness(literal.ways, group.ways);
      if (likely > evidence) [best, evidence] = [group, likely];
    }
    if (best === undefined) {
      begin(literal.ways, false).members.push({ literal, evidence: 0 });
      continue;
    }
    addWays(best.ways, literal.ways);
    best.members.push({ literal, evidence });
  }
  return groups;
}

/** `found`: how many literals beside it are values already. */
function valuesOf(
  { members, isOfParameter }: Group,
  place: Place,
  found: number,
): readonly string[] {
  const weighed = members.map(({ literal, evidence }) => ({
    name: literal.name,
    evidence: evidence + rarity(literal, place.usual),
  }));
  const total = weighed.reduce((sum, { evidence }) => sum + evidence, 0);
  const beside = besideValues * Math.min(mostBeside, place.siblings - found - members.length);
  // Where some are values already, others may be, too, whatever stands before them.
  const prior = found > 0 ? Math.max(priors.word, priors[place.before]) : priors[place.before];
  const isSure = total + prior - beside > place.least;
  if (isOfParameter)
    return weighed
      .filter(({ evidence }) => evidence > (isSure ? 0 : leastBesideValues + place.least))
      .map(({ name }) => name);
  return isSure && members.length > 1 ? weighed.map(({ name }) => name) : [];
}

/** How much the number of its calls speaks for its being one of several values that share an operation. */
function rarity({ ways }: Literal, usual: number): number {
  if (usual < fewestUsual) return 0;
  let calls = 0;
  for (const { count } of ways.values()) calls += count;
  const mean = calls / Math.max(1, ways.size);
  return Math.min(1.2, Math.max(-1.2, 1.3 * Math.log((0.6 * usual) / Math.max(0.1, mean))));
}
