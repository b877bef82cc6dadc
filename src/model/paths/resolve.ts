import type { Operation } from '../operations/operation.ts';
import type { Before } from './alike.ts';
import type { PathNode, ValueKind } from './node.ts';
import { splitSegment } from './segment-kind.ts';
import { takeTogether } from './tree.ts';
import { ValueFinder } from './values-among.ts';

/** A parameter of a path. */
export interface PathParameter {
  readonly name: string;
  readonly kinds: ReadonlyMap<ValueKind, number>;
}

/** A path with its parameters in braces, and what was seen of it. */
export interface ApiPath {
  readonly template: string;
  readonly parameters: readonly PathParameter[];
  readonly operations: ReadonlyMap<string, Operation>;
}

/** A copy of a tree in which every literal that is a value is one of its parameter. */
export function resolved(root: PathNode): PathNode {
  // How many calls an operation usually has is better known once values are taken together.
  const draft = resolvedCopy(root, usualCalls(root, 0.75));
  return resolvedCopy(root, usualCalls(draft, 0.5));
}

function resolvedCopy(root: PathNode, usual: number): PathNode {
  const copy = structuredClone(root);
  resolve(copy, 'root', new ValueFinder(usual));
  return copy;
}

function resolve(node: PathNode, before: Before, finder: ValueFinder): void {
  const values = finder.valuesAmong(node, before);
  takeTogether(node, values);
  if (values.length > 0) for (const child of node.parameters.values()) finder.forget(child);
  for (const [suffix, parameter] of node.parameters)
    if (isFixed(parameter) && !node.literals.has(parameter.only + suffix)) {
      node.parameters.delete(suffix);
      node.literals.set(parameter.only + suffix, parameter);
    }
  for (const [name, child] of node.literals)
    resolve(child, before === 'root' && isBase(name) ? 'root' : 'word', finder);
  for (const child of node.parameters.values()) resolve(child, 'value', finder);
}

/** What stands before all paths of an API. */
const isBase = (name: string): boolean => /^(?:api|rest|v?\d[\w.-]*)$/i.test(name);

/** Calls that an operation has to which this share of all calls leads at most. */
function usualCalls(root: PathNode, share: number): number {
  const counts: number[] = [];
  const walk = (node: PathNode): void => {
    for (const { count } of node.operations.values()) counts.push(count);
    for (const child of node.literals.values()) walk(child);
    for (const child of node.parameters.values()) walk(child);
  };
  walk(root);
  counts.sort((one, other) => one - other);
  let rest = share * counts.reduce((sum, count) => sum + count, 0);
  for (const count of counts) if ((rest -= count) <= 0) return count;
  return 0;
}

/**
 * A number or a date that never changes in many calls, with several things below it, is a part of the path, such as the 3 of
 * `/rest/api/3/…` and the date of `/2010-04-01/…`.
 */
function isFixed(node: PathNode): node is PathNode & { only: string } {
  if (node.only === null || node.hits < 20) return false;
  const below = node.literals.size + node.parameters.size;
  if (node.kinds.has('date')) return below >= 1;
  return below >= 4 || (below >= 2 && node.hits >= 50 && node.only.length <= 2);
}

/** The paths of a resolved tree that lead to operations, by template. */
export function apiPathsOf(root: PathNode): readonly ApiPath[] {
  const apiPaths: ApiPath[] = [];
  const walk = (
    node: PathNode,
    way: readonly string[],
    parameters: readonly PathParameter[],
  ): void => {
    const operations = new Map(
      [...node.operations].filter(([, operation]) => isAnswered(operation)).sort(byName),
    );
    if (operations.size > 0)
      apiPaths.push({ template: `/${way.join('/')}`, parameters, operations });
    for (const [segment, child] of node.literals)
      walk(child, [...way, escaped(segment)], parameters);
    for (const [suffix, child] of node.parameters) {
      const name = parameterName(way, child, parameters);
      const segment = `{${name}}${suffix}`;
      walk(child, [...way, segment], [...parameters, { name, kinds: child.kinds }]);
    }
  };
  walk(root, [], []);
  return apiPaths.sort((one, other) => (one.template < other.template ? -1 : 1));
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

/** Braces in a path are no parameter. */
const escaped = (segment: string): string =>
  segment
    .replaceAll('{', '%7B')
    .replaceAll('}', '%7D')
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23');

/** What always answers that there is nothing is not of the API: a scanner asked for it, or a link is broken. */
const isAnswered = ({ responses }: Operation): boolean =>
  [...responses.keys()].some((status) => status !== 404 && status !== 405);

/** After what stands before it: `userId` after `users`. */
function parameterName(
  way: readonly string[],
  { kinds }: PathNode,
  taken: readonly PathParameter[],
): string {
  const before = splitSegment(way.findLast((segment) => !segment.includes('{')) ?? '').stem;
  const isDirect = way.at(-1)?.includes('{') !== true;
  const base = isDirect ? singular(camel(before)) : '';
  const [kind = 'text'] = [...kinds].sort(([, one], [, other]) => other - one)[0] ?? [];
  const ending = kind === 'date' || kind === 'email' ? kind : kind === 'text' ? '' : 'id';
  const name =
    base === '' ? ending || 'name' : ending === '' ? `${base}Name` : base + capital(ending);
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? name : name + String(number);
    if (!taken.some((each) => each.name === numbered)) return numbered;
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const camel = (text: string): string =>
  text
    .replaceAll(/%[0-9A-Fa-f]{2}/g, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word, at) => (at === 0 ? word.charAt(0).toLowerCase() + word.slice(1) : capital(word)))
    .join('')
    .slice(0, 40);

function singular(word: string): string {
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (/ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|ss)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') && word.length > 3 ? word.slice(0, -1) : word;
}

/** Where a path leads in a resolved tree: a literal before a parameter. */
export function findNode(
  root: PathNode,
  segments: readonly string[],
  at = 0,
): PathNode | undefined {
  const segment = segments[at];
  if (segment === undefined) return root.operations.size > 0 ? root : undefined;
  const literal = root.literals.get(segment);
  const found = literal && findNode(literal, segments, at + 1);
  if (found !== undefined) return found;
  const { suffix } = splitSegment(segment);
  for (const key of suffix === '' ? [''] : [suffix, '']) {
    const parameter = root.parameters.get(key);
    const below = parameter && findNode(parameter, segments, at + 1);
    if (below !== undefined) return below;
  }
  return undefined;
}
