import { most, type Room } from '../bounds.ts';
import { mergeOperations, placesOf } from '../operations/merge.ts';
import { newOperation, type Operation } from '../operations/operation.ts';
import { firstReview, newNode, type PathNode } from './node.ts';
import { decodedSegment, segmentKind, splitSegment } from './segment-kind.ts';
import { ValueFinder } from './values-among.ts';

export const segmentsOf = (path: string): readonly string[] => path.slice(1).split('/');

/** The operation that a path leads to, made where it is new; undefined where there is no room for it. */
export function operationAt(
  root: PathNode,
  path: string,
  method: string,
  room: Room,
): Operation | undefined {
  const segments = segmentsOf(path);
  if (segments.length > most.segments) {
    room.lose('paths');
    return undefined;
  }
  const way = [root];
  for (const segment of segments) {
    const next = childOf(way.at(-1) as PathNode, segment, room);
    if (next === undefined) return undefined;
    way.push(next);
  }
  const leaf = way.at(-1) as PathNode;
  let operation = leaf.operations.get(method);
  if (operation === undefined) {
    if (leaf.operations.size >= most.methods) {
      room.lose('names');
      return undefined;
    }
    leaf.operations.set(method, (operation = newOperation()));
  }
  for (const node of way) node.hits++;
  return operation;
}

function childOf(node: PathNode, segment: string, room: Room): PathNode | undefined {
  const literal = node.literals.get(segment);
  if (literal !== undefined) return literal;
  const { stem, suffix } = splitSegment(segment);
  const text = decodedSegment(stem);
  const kind =
    segmentKind(text) ?? (segment.length > most.segmentLength ? ('text' as const) : undefined);
  if (kind === undefined) {
    if (!room.takePathNode()) return undefined;
    const added = newNode();
    node.literals.set(segment, added);
    return added;
  }
  let parameter = node.parameters.get(suffix);
  if (parameter === undefined) {
    if (!room.takePathNode()) return undefined;
    node.parameters.set(suffix, (parameter = newNode()));
    parameter.only = kind === 'number' || kind === 'date' ? text : null;
  } else if (parameter.only !== text) parameter.only = null;
  parameter.kinds.set(kind, (parameter.kinds.get(kind) ?? 0) + 1);
  return parameter;
}

/**
 * Asks of nodes that have many literals which of them are values, and takes those together. At the bound the rarest are values,
 * whatever they look like.
 */
export function reviewAlong(root: PathNode, path: string, room: Room): boolean {
  let node: PathNode | undefined = root;
  let isChanged = false;
  for (const segment of segmentsOf(path)) {
    if (node === undefined) break;
    if (node.literals.size >= node.reviewAt) {
      const values = new ValueFinder().earlyValuesAmong(node);
      const rest = node.literals.size - values.length;
      const forced = rest >= most.literals ? rarest(node, values, rest - most.literals / 2) : [];
      if (forced.length > 0) room.lose('literals', forced.length);
      takeTogether(node, [...values, ...forced]);
      node.reviewAt = Math.max(firstReview, Math.min(most.literals, 2 * node.literals.size));
      isChanged ||= values.length + forced.length > 0;
    }
    const { suffix }: { suffix: string } = splitSegment(segment);
    node = node.literals.get(segment) ?? node.parameters.get(suffix);
  }
  return isChanged;
}

function rarest(node: PathNode, without: readonly string[], count: number): readonly string[] {
  const excluded = new Set(without);
  return [...node.literals]
    .filter(([name]) => !excluded.has(name))
    .sort(([name, one], [other, two]) => one.hits - two.hits || (name < other ? -1 : 1))
    .slice(0, count)
    .map(([name]) => name);
}

/** Makes one parameter of these literals, for each that stands behind them. */
export function takeTogether(node: PathNode, names: readonly string[]): void {
  for (const name of names) {
    const literal = node.literals.get(name);
    if (literal === undefined) continue;
    node.literals.delete(name);
    const { suffix } = splitSegment(name);
    const known = node.parameters.get(suffix);
    const parameter = known ?? newNode();
    if (known === undefined) node.parameters.set(suffix, parameter);
    parameter.kinds.set('text', (parameter.kinds.get('text') ?? 0) + literal.hits);
    parameter.taken++;
    parameter.only = null;
    mergeNodes(parameter, literal);
  }
}

/** Both as one, in the first. The order makes no difference. */
export function mergeNodes(into: PathNode, other: PathNode): void {
  into.hits += other.hits;
  into.reviewAt = Math.max(into.reviewAt, other.reviewAt);
  into.taken += other.taken;
  for (const [method, operation] of other.operations) {
    const own = into.operations.get(method);
    if (own === undefined) into.operations.set(method, operation);
    else mergeOperations(own, operation);
  }
  for (const [kind, count] of other.kinds)
    into.kinds.set(kind, (into.kinds.get(kind) ?? 0) + count);
  for (const [name, literal] of other.literals) {
    const own = into.literals.get(name);
    if (own === undefined) into.literals.set(name, literal);
    else mergeNodes(own, literal);
  }
  for (const [suffix, parameter] of other.parameters) {
    const own = into.parameters.get(suffix);
    if (own === undefined) {
      into.parameters.set(suffix, parameter);
      continue;
    }
    if (own.only !== parameter.only) own.only = null;
    mergeNodes(own, parameter);
  }
}

/** Nodes below and with it, and the places in the schemas of their operations. */
export function sizeOf(node: PathNode): { readonly nodes: number; readonly places: number } {
  let [nodes, places] = [1, 0];
  for (const operation of node.operations.values()) places += placesOf(operation);
  for (const child of [...node.literals.values(), ...node.parameters.values()]) {
    const size = sizeOf(child);
    nodes += size.nodes;
    places += size.places;
  }
  return { nodes, places };
}
