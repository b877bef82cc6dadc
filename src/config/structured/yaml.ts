import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import type { JsonMember, JsonNode, Position } from '../json-text.ts';
import type { LinePiece } from '../locate.ts';
import { type Reading, repeated, type Slip } from './document.ts';

/** Deeper than any configuration, and far from what a stack bears. */
const mostLevels = 200;
/** Of all nodes, those of aliases counted each time: a few lines of them can stand for billions. */
const mostNodes = 200_000;

/** Reads YAML 1.2, every document of it, with the core schema: `yes` is a text. Anchors and `<<` are followed. */
export function readYaml(text: string): Reading {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const slips: Slip[] = [];
  const nodes: JsonNode[] = [];
  // A text without any document.
  if (!Array.isArray(documents)) return { nodes, slips };
  const walk = new Walk(lines, slips);
  for (const document of documents) {
    for (const { pos, code } of document.errors)
      slips.push({ ...walk.place(pos[0]), ...wordsOf(code) });
    if (document.errors.length > 0 || isEmpty(document.contents)) continue;
    const resolved = new Map<Alias, unknown>();
    walk.resolve = (alias) => {
      // The library looks through the document each time.
      if (!resolved.has(alias)) resolved.set(alias, alias.resolve(document));
      return resolved.get(alias);
    };
    nodes.push(walk.node(document.contents, 0));
  }
  return { nodes: slips.length > 0 ? [] : nodes, slips };
}

/** A document of comments alone, as between two `---`. */
const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === null && (node.source ?? '') === '');

const nothing: JsonNode = { kind: 'plain', value: null };

class Walk {
  readonly #lines: LineCounter;
  readonly #slips: Slip[];
  #count = 0;
  resolve: (alias: Alias) => unknown = () => undefined;

  constructor(lines: LineCounter, slips: Slip[]) {
    this.#lines = lines;
    this.#slips = slips;
  }

  place(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  node(node: unknown, level: number): JsonNode {
    this.#count += 1;
    if (this.#count > mostNodes + 1) return nothing;
    if (level > mostLevels) return this.#refused(node, `at most ${mostLevels} levels`);
    if (this.#count > mostNodes)
      return this.#refused(node, `at most ${mostNodes} values, aliases followed`);
    if (isAlias(node)) {
      const target = this.resolve(node);
      return target === undefined
        ? this.#refused(node, 'an alias of an anchor before it')
        : this.node(target, level + 1);
    }
    if (isMap(node)) return this.#map(node, level);
    if (isSeq(node))
      return {
        kind: 'list',
        elements: node.items.map((item) => this.node(item, level + 1)),
        places: node.items.map((item) => this.#placeOf(item)),
      };
    return { kind: 'plain', value: this.#plain(node) };
  }

  #map(map: YAMLMap, level: number): JsonNode {
    const members: JsonMember[] = [];
    const merged: JsonMember[] = [];
    const seen = new Set<string>();
    for (const { key, value } of map.items) {
      const place = this.#placeOf(key);
      const name = this.#keyOf(key);
      const node = this.node(value, level + 1);
      if (name === '<<') {
        const from = node.kind === 'list' ? node.elements : [node];
        for (const each of from) if (each.kind === 'object') merged.push(...each.members);
        continue;
      }
      if (seen.has(name)) this.#slips.push(repeated(place));
      seen.add(name);
      members.push({ key: name, node, ...place });
    }
    // What is written at the place itself counts, and of those merged the first.
    for (const member of merged) {
      if (seen.has(member.key)) continue;
      seen.add(member.key);
      members.push(member);
    }
    return { kind: 'object', members };
  }

  #keyOf(key: unknown): string {
    if (isScalar(key)) return typeof key.value === 'symbol' ? '<<' : String(key.value);
    if (isAlias(key)) {
      const target = this.resolve(key);
      if (isScalar(target)) return String(target.value);
    }
    this.#refused(key, 'a text as the key');
    return '';
  }

  #plain(node: unknown): string | number | boolean | null {
    if (!isScalar(node)) return null;
    const { value } = node;
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    // `.inf`, a date, bytes, a big integer: as it is written.
    return typeof node.source === 'string' ? node.source : null;
  }

  #refused(node: unknown, expected: string): JsonNode {
    this.#slips.push({ ...this.#placeOf(node), found: 'something else', expected });
    return nothing;
  }

  #placeOf(node: unknown): Position {
    const range = (node as Node | null)?.range;
    return this.place(range?.[0] ?? 0);
  }
}

/** The library's sentences may quote the text. */
function wordsOf(code: string): Pick<Slip, 'found' | 'expected'> {
  const found = problems[code] ?? 'what is no YAML';
  return { found, expected: 'YAML 1.2' };
}

const problems: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias with a tag or an anchor',
  BAD_ALIAS: 'an alias without a name',
  BAD_DIRECTIVE: 'a directive that YAML does not have',
  BAD_DQ_ESCAPE: 'an escape that YAML does not have in double quotes',
  BAD_INDENT: 'a line that is indented more or less than those around it',
  BAD_SCALAR_START: 'a text that begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a key that goes over several lines',
  BLOCK_IN_FLOW: 'a block within brackets',
  DUPLICATE_KEY: 'a key for the second time',
  IMPOSSIBLE: 'what is no YAML',
  KEY_OVER_1024_CHARS: 'a key of more than 1,024 characters',
  MISSING_CHAR: 'a bracket, quote, comma or colon that is missing',
  MULTILINE_IMPLICIT_KEY: 'a key that goes over several lines',
  MULTIPLE_ANCHORS: 'a second anchor',
  MULTIPLE_DOCS: 'a second document',
  MULTIPLE_TAGS: 'a second tag',
  NON_STRING_KEY: 'a key that is no text',
  TAB_AS_INDENT: 'a tab; YAML is indented with spaces',
  TAG_RESOLVE_FAILED: 'a tag that is not known',
  UNEXPECTED_TOKEN: 'something that may not stand here',
};

/** Of a line of YAML its keys stay, and the signs; what is behind a colon or a dash may be a password. */
export function yamlPieces(line: string): readonly LinePiece[] {
  const whole = line.replace(/\r$/, '');
  const [, lead = '', key, colon = '', gap = '', rest = ''] =
    /^([\s-]*)(?:("[^"]*"|'[^']*'|[\w./$<*-]+)(\s*:)(?=\s|$)(\s*))?(.*)$/.exec(whole) ?? [];
  const pieces: LinePiece[] = [];
  let at = 0;
  const push = (text: string, shown = text): void => {
    if (text !== '') pieces.push({ at, text: shown });
    at += text.length;
  };
  for (const each of lead) push(each);
  push(key ?? '');
  push(colon);
  push(gap);
  for (const part of rest.match(/true|false|null|[\s[\]{},]|[^\s[\]{},]+/g) ?? [])
    push(part, /^(?:true|false|null|[\s[\]{},]|[\w-]+:)$/.test(part) ? part : '…');
  return pieces;
}
