import type { JsonMember, JsonNode, Position } from './json-text.ts';

/** Where something stands in a file, and what stands in that line around it, without its texts. */
export interface Located extends Position {
  /** Up to there; of a long line its end. */
  readonly before: string;
  /** From there on; of a long line its begin. */
  readonly after: string;
}

/** The place of a key, as problems write it: `pumps.x.meta.tags[0]`. Of one that is not there, what it is missing in. */
export type Locate = (key: string) => Located | undefined;

/** `piecesOf`: how a line is shown without what may be a secret in it; left out: as JSON. */
export function locator(text: string, root: JsonNode, piecesOf = jsonPieces): Locate {
  const show = shower(text, piecesOf);
  return (key) => {
    const place = find(root, key, undefined);
    return place && show(place);
  };
}

export const locatedAt = (text: string, place: Position, piecesOf = jsonPieces): Located =>
  shower(text, piecesOf)(place);

/** Shown of a line on each side, and a token more. */
const most = 80;

/** A file may be one line, and have thousands of findings: a line is looked through once. */
function shower(
  text: string,
  piecesOf: (line: string) => readonly LinePiece[],
): (place: Position) => Located {
  const lines = text.split('\n');
  const known = new Map<number, readonly LinePiece[]>();
  return ({ line, column }) => {
    const pieces = known.get(line) ?? piecesOf(lines[line - 1] ?? '');
    known.set(line, pieces);
    const from = firstFrom(pieces, column - 1);
    let before = '';
    for (let at = from - 1; at >= 0 && before.length < most; at--)
      before = (pieces[at]?.text ?? '') + before;
    let after = '';
    for (let at = from; at < pieces.length && after.length < most; at++)
      after += pieces[at]?.text ?? '';
    return { line, column, before, after };
  };
}

/** Which piece is the first that begins at `place` or behind it. */
function firstFrom(pieces: readonly LinePiece[], place: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.at ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The deepest place on the way that there is. */
function find(node: JsonNode, key: string, from: Position | undefined): Position | undefined {
  if (key === '') return from;
  if (node.kind === 'list') {
    const [whole = '', index = ''] = /^\[(\d{1,9})\]\.?/.exec(key) ?? [];
    const element = node.elements[Number(index)];
    if (whole === '' || element === undefined) return from;
    return find(element, key.slice(whole.length), node.places[Number(index)]);
  }
  if (node.kind === 'plain') return from;
  const found = memberAt(node, key);
  if (found === undefined) return from;
  return find(found.node, key.slice(found.key.length).replace(/^\./, ''), found);
}

type ObjectNode = Extract<JsonNode, { readonly kind: 'object' }>;

/** By name in lower case. Of one that stands twice the last one counts. */
const membersOf = new WeakMap<ObjectNode, ReadonlyMap<string, JsonMember>>();

/** Names may hold dots themselves: the longest that fits is meant. */
function memberAt(node: ObjectNode, key: string): JsonMember | undefined {
  const members =
    membersOf.get(node) ??
    new Map(node.members.map((member) => [member.key.toLowerCase(), member] as const));
  membersOf.set(node, members);
  const ends = [...Array.from(key.matchAll(/[.[]/g), ({ index }) => index), key.length];
  for (const end of ends.reverse()) {
    const found = members.get(key.slice(0, end).toLowerCase());
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A part of a line as it may be shown. */
export interface LinePiece {
  /** Where it begins in the line, counted from 0. */
  readonly at: number;
  readonly text: string;
}

/** A line may hold a password, as a text, a number or a word without quotes: of what is in it the keys stay. */
export function jsonPieces(line: string): readonly LinePiece[] {
  const tokens = /("(?:[^"\\]|\\.)*(?:"|$))(\s*:)?|[^\s[\]{},:"]+|[\s[\]{},:]/g;
  return Array.from(line.replace(/\r$/, '').matchAll(tokens), (found) => {
    const [written, quoted, colon] = found;
    const isShown = colon !== undefined || /^(?:true|false|null|[\s[\]{},:])$/.test(written);
    return { at: found.index, text: isShown ? written : quoted === undefined ? '…' : '"…"' };
  });
}
