import type { JsonPath } from './json-path.ts';
import { scalarEnd, skipSpace, stringEnd, structureEnd, unescapeJson } from './json-text.ts';

/** A value that a path leads to. */
export interface Reached {
  /** With the quotes of a text. */
  readonly from: number;
  readonly to: number;
  /** Where its member begins, or itself in a list. */
  readonly memberFrom: number;
}

/** How far paths have got: pairs of the path's and the step's number, as one number. */
type State = number;
const stepBits = 10;
export const mostSteps = (1 << stepBits) - 1;

/** A set of states, with what follows from it as far as it has been asked for. */
export interface Node {
  readonly states: readonly State[];
  readonly isDone: boolean;
  /** By the name of a member; those that no path names lead to `other`. */
  readonly byName: Map<string, Node>;
  readonly byIndex: Map<number, Node>;
  other: Node | undefined;
}

/** Paths, made ready. */
export interface Paths {
  readonly root: Node;
  readonly enter: (node: Node, name: string | number) => Node;
  /** A name out of each, without which no path leads anywhere; undefined where one has none. */
  readonly needed: readonly string[] | undefined;
}

export function preparePaths(paths: readonly JsonPath[]): Paths {
  const nodes = new Map<string, Node>();
  const names = new Set(
    paths.flatMap((path) => path.flatMap((step) => (step.kind === 'name' ? [step.name] : []))),
  );
  const most = paths.reduce(
    (highest, path) =>
      path.reduce(
        (high, step) => (step.kind === 'index' ? Math.max(high, step.index) : high),
        highest,
      ),
    -1,
  );
  const nodeOf = (states: readonly State[]): Node => {
    const all = closed(paths, states);
    const key = all.join();
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const isDone = all.some((state) => (state & mostSteps) === paths[state >> stepBits]?.length);
    const node = { states: all, isDone, byName: new Map(), byIndex: new Map(), other: undefined };
    nodes.set(key, node);
    return node;
  };
  const needed = paths.map((path) => {
    const last = path.findLast((step) => step.kind === 'name');
    return last?.kind === 'name' ? last.name : '';
  });
  return {
    root: nodeOf(paths.map((_, path) => path << stepBits)),
    enter: (node, name) => {
      // Names come from records: only those that the paths have are kept.
      if (typeof name === 'number' ? name > most : !names.has(name))
        return (node.other ??= nodeOf(entered(paths, node.states, undefined)));
      const known = typeof name === 'number' ? node.byIndex.get(name) : node.byName.get(name);
      if (known !== undefined) return known;
      const next = nodeOf(entered(paths, node.states, name));
      if (typeof name === 'number') node.byIndex.set(name, next);
      else node.byName.set(name, next);
      return next;
    },
    needed: needed.includes('') ? undefined : [...new Set(needed)],
  };
}

/** The states within a member or an entry; undefined: one that no path names. */
function entered(
  paths: readonly JsonPath[],
  states: readonly State[],
  name: string | number | undefined,
): readonly State[] {
  const next: State[] = [];
  for (const state of states) {
    const step = paths[state >> stepBits]?.[state & mostSteps];
    if (step === undefined) continue;
    if (step.kind === 'deep') next.push(state);
    else if (
      step.kind === 'any' ||
      (step.kind === 'name' && step.name === name) ||
      (step.kind === 'index' && step.index === name)
    )
      next.push(state + 1);
  }
  return next;
}

/** `**` may stand for nothing. */
function closed(paths: readonly JsonPath[], states: readonly State[]): readonly State[] {
  const all = new Set(states);
  for (const state of all) {
    if (paths[state >> stepBits]?.[state & mostSteps]?.kind === 'deep') all.add(state + 1);
  }
  return [...all].sort((left, right) => left - right);
}

interface Frame {
  readonly isList: boolean;
  readonly node: Node;
  index: number;
}

/** Of a text that may hold JSON as well. */
type Inner = (from: number, to: number, node: Node) => void;

/**
 * Goes through JSON values, one or many (NDJSON), and tells of what the paths lead to. A text that is broken or cut off is
 * gone through as far as it makes sense.
 */
export function walkJson(
  text: string,
  { enter }: Paths,
  root: Node,
  reached: (value: Reached) => void,
  inner: Inner,
): void {
  const frames: Frame[] = [];
  let node = root;
  let memberFrom = -1;
  let isValue = true;
  for (let at = 0; at < text.length; ) {
    const frame = frames.at(-1);
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x3a) {
      at++;
    } else if (code === 0x2c) {
      at++;
      isValue = frame === undefined || frame.isList;
      if (frame?.isList === true) node = enter(frame.node, ++frame.index);
    } else if (code === 0x7d || code === 0x5d) {
      frames.pop();
      at++;
      isValue = frames.length === 0;
      if (isValue) node = root;
    } else if (code === 0x22 && !isValue && frame !== undefined) {
      const end = stringEnd(text, at + 1);
      node = enter(frame.node, nameOf(text, at + 1, end));
      memberFrom = at;
      isValue = true;
      at = end + 1;
    } else {
      const from = memberFrom < 0 || frame?.isList !== false ? at : memberFrom;
      memberFrom = -1;
      const isOpening = code === 0x7b || code === 0x5b;
      if (isOpening && !node.isDone && node.states.length > 0) {
        frames.push({ isList: code === 0x5b, node, index: 0 });
        isValue = code === 0x5b;
        if (isValue) node = enter(node, 0);
        at++;
        continue;
      }
      const end = valueEnd(text, at);
      if (node.isDone) reached({ from: at, to: end, memberFrom: from });
      else if (code === 0x22 && node.states.length > 0)
        inner(at + 1, stringEnd(text, at + 1), node);
      at = Math.max(end, at + 1);
      isValue = frames.length === 0;
      if (isValue) node = root;
    }
  }
}

function nameOf(text: string, from: number, to: number): string {
  const raw = text.slice(from, to);
  return raw.includes('\\') ? unescapeJson(text, from, to).text : raw;
}

/** The end of any value. */
function valueEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 0x22) return Math.min(text.length, stringEnd(text, at + 1) + 1);
  return code === 0x7b || code === 0x5b ? structureEnd(text, at) : scalarEnd(text, at);
}

export function looksLikeJson(text: string): boolean {
  const code = text.charCodeAt(skipSpace(text, text.startsWith('\xef\xbb\xbf') ? 3 : 0));
  return code === 0x7b || code === 0x5b || code === 0x22;
}
