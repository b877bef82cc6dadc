import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { JsonMember, JsonNode, Position } from '../json-text.ts';
import type { LinePiece } from '../locate.ts';
import { type Reading, repeated, type Slip } from './document.ts';

/** A table that can still grow: TOML says of one in several places. */
interface Table {
  readonly kind: 'object';
  readonly members: (JsonMember & { readonly node: JsonNode })[];
}

interface List {
  readonly kind: 'list';
  readonly elements: JsonNode[];
  readonly places: Position[];
}

/** Reads TOML 1.0. Dates become texts as they are written. */
export function readToml(text: string): Reading {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text, { tomlVersion: '1.0' });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    // The library counts columns from 0; its sentence may quote the text.
    const place = { line: error.lineNumber, column: error.column + 1 };
    return { nodes: [], slips: [{ ...place, found: 'what is no TOML', expected: 'TOML 1.0' }] };
  }
  const slips: Slip[] = [];
  const root: Table = { kind: 'object', members: [] };
  const [top] = program.body;
  for (const part of top.body) {
    if (part.type === 'TOMLKeyValue') put(root, part, text, slips);
    else {
      const table = tableOf(root, part);
      for (const pair of part.body) put(table, pair, text, slips);
    }
  }
  return { nodes: slips.length > 0 ? [] : [root], slips };
}

/** `[a.b]` and `[[a.b]]`: the library has refused what TOML refuses. */
function tableOf(root: Table, part: AST.TOMLTable): Table {
  const keys = part.key.keys;
  let table = root;
  keys.forEach((key, at) => {
    const isLast = at === keys.length - 1;
    table = step(table, key, isLast && part.kind === 'array');
  });
  return table;
}

/** The table below a key, made where it is not there. `isNew`: one more of a list of tables. */
function step(table: Table, key: AST.TOMLBare | AST.TOMLQuoted, isNew: boolean): Table {
  const name = nameOf(key);
  const place = placeOf(key);
  const found = table.members.find((member) => member.key === name)?.node;
  if (isNew) {
    const list = (found ?? { kind: 'list', elements: [], places: [] }) as List;
    if (found === undefined) table.members.push({ key: name, node: list, ...place });
    const added: Table = { kind: 'object', members: [] };
    list.elements.push(added);
    list.places.push(place);
    return added;
  }
  if (found === undefined) {
    const added: Table = { kind: 'object', members: [] };
    table.members.push({ key: name, node: added, ...place });
    return added;
  }
  // Below a list of tables its last one is meant.
  return (found.kind === 'list' ? found.elements.at(-1) : found) as Table;
}

function put(root: Table, pair: AST.TOMLKeyValue, text: string, slips: Slip[]): void {
  const { keys } = pair.key;
  const last = keys.at(-1);
  if (last === undefined) return;
  const table = keys.slice(0, -1).reduce((each, key) => step(each, key, false), root);
  const key = nameOf(last);
  const place = placeOf(last);
  if (table.members.some((member) => member.key === key)) slips.push(repeated(place));
  table.members.push({ key, node: valueOf(pair.value, text, slips), ...place });
}

function valueOf(node: AST.TOMLContentNode, text: string, slips: Slip[]): JsonNode {
  if (node.type === 'TOMLArray')
    return {
      kind: 'list',
      elements: node.elements.map((each) => valueOf(each, text, slips)),
      places: node.elements.map(placeOf),
    };
  if (node.type === 'TOMLInlineTable') {
    const table: Table = { kind: 'object', members: [] };
    for (const pair of node.body) put(table, pair, text, slips);
    return table;
  }
  const { value } = node;
  const isPlain =
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value));
  return { kind: 'plain', value: isPlain ? value : text.slice(...node.range) };
}

const nameOf = (key: AST.TOMLBare | AST.TOMLQuoted): string =>
  key.type === 'TOMLBare' ? key.name : key.value;

const placeOf = ({ loc }: Pick<AST.TOMLNode, 'loc'>): Position => ({
  line: loc.start.line,
  column: loc.start.column + 1,
});

/** Of a line of TOML its keys and headers stay; what is behind `=` may be a password. */
export function tomlPieces(line: string): readonly LinePiece[] {
  const whole = line.replace(/\r$/, '');
  const header = /^\s*\[/.test(whole) ? whole.length : whole.indexOf('=') + 1;
  const tokens = /"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s[\]{},="']+|[\s[\]{},=]/g;
  return Array.from(whole.matchAll(tokens), ({ 0: text, index: at }) => {
    const isShown = at < header || /^(?:true|false|[\s[\]{},=])$/.test(text);
    return { at, text: isShown ? text : '…' };
  });
}
