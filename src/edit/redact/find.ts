/** Long, for the kinds of finds call each other: a text holds texts, to any depth that is bounded. */
import { cardsIn } from './cards.ts';
import { narrowed } from './charset.ts';
import { sniffedCoding } from './compression.ts';
import { emailsIn } from './emails.ts';
import { escapeJson, isNumber, skipSpace, stringEnd, unescapeJson } from './json-text.ts';
import { looksLikeJson, type Node, type Paths, walkJson } from './json-walk.ts';
import type { Layer } from './layer.ts';
import { layersOf } from './layers.ts';
import type { Literals } from './literals.ts';
import { loginsIn } from './logins.ts';
import { isMark, markLength } from './marks.ts';
import {
  isAlone,
  isParameterBegin,
  type NamedValue,
  mayBeName,
  nameAround,
  valueAfter,
} from './named-values.ts';
import { type NameKind, nameKind } from './names.ts';
import { parametersIn } from './parameters.ts';
import { type Pass, placed, remember } from './plan.ts';
import { look } from './scan/look.ts';
import type { Sight } from './scan/sight.ts';
import { isCovered, noSpans, type Span, settle, span, withSpans } from './spans.ts';
import { type Barren, tokenAt } from './tokens.ts';
import { unpack } from './unpack.ts';

/** What a text is, as far as it matters for what is found in it. */
export interface TextKind {
  /** A query or a form, or a piece of one: a value ends at `&` alone. */
  readonly isForm: boolean;
  /** Its end is missing: what may be the begin of something at its end counts as that. */
  readonly isCut: boolean;
  /** The head of a message: its lines are read elsewhere. */
  readonly isHead: boolean;
  /** Otherwise it is what an encoding gave that makes no sense. */
  readonly isText: boolean;
  /** How many encodings were undone for it. */
  readonly depth: number;
}

export const plainText: TextKind = {
  isForm: false,
  isCut: false,
  isHead: false,
  isText: true,
  depth: 0,
};

/** Encodings within encodings are undone up to here. */
const mostDepth = 8;

const noLayers: readonly Layer[] = [];

/** All that is redacted in a text, in order. */
export function find(text: string, kind: TextKind, pass: Pass, bytes?: Buffer): readonly Span[] {
  if (text.length < 3) return noSpans;
  const spans: Span[] = [];
  const seen = bytes ?? bytesOf(text, pass);
  const { places, runFrom } = sightOf(seen, text, pass);
  const layers = kind.depth < mostDepth ? layersOf(text, seen, runFrom) : noLayers;
  const { plan } = pass;
  if (plan.secrets || plan.cards) byName(text, places, kind, pass, layers, spans);
  byShape(text, kind, pass, layers, spans);
  byRules(text, kind, pass, spans);
  for (const layer of layers) inLayer(text, layer, kind, pass, spans);
  pass.literals?.find(text, (from, to, put) => spans.push(span(from, to, put)));
  const settled = settle(text, spans, plan.mark(''));
  for (const { isWhole } of settled) if (isWhole) pass.places++;
  // Of a head more is redacted than what is found here.
  if (!kind.isHead) pass.seen.push({ text, spans: settled });
  return settled;
}

/** Shorter texts are looked over faster where they are. */
const leastScanned = 128;

const bytesOf = (text: string, { scanner }: Pass): Buffer =>
  (text.length < leastScanned ? undefined : scanner?.bytesOf(text)) ?? Buffer.from(text, 'latin1');

const sightOf = (bytes: Buffer, text: string, { scanner }: Pass): Sight =>
  (text.length < leastScanned ? undefined : scanner?.sight(bytes, text)) ?? look(bytes, text);

function inLayer(text: string, layer: Layer, kind: TextKind, pass: Pass, spans: Span[]): void {
  const { from, to, isForm, isString, isText, outer, rewrite } = layer;
  const inner: TextKind = {
    isForm,
    isCut: kind.isCut && to === text.length,
    isHead: false,
    isText,
    depth: isText ? kind.depth + 1 : mostDepth,
  };
  if (rewrite !== undefined) {
    const changed = redactBytes(layer.text, inner, pass);
    if (changed !== layer.text) spans.push(rewrite(changed));
    return;
  }
  const { places } = pass;
  const found = inWide(layer.text, inner, pass);
  // What is put back into this text is counted in it, but what is written anew.
  pass.places = places + found.filter((each) => !each.isWhole).length;
  for (const each of outer?.(found) ?? []) spans.push(each);
  if (isString && text.charCodeAt(to) === 0x22 && (pass.plan.secrets || pass.plan.cards)) {
    const name = mayBeName(layer.text) ? nameKind(layer.text) : 'none';
    const isNamed = name === 'card' ? pass.plan.cards : pass.plan.secrets && isSecret(name);
    const value = isNamed ? valueAfter(text, { from, to }, name, false, new Set()) : undefined;
    if (value !== undefined) addNamed(text, value, kind, pass, spans);
  }
}

/** What base64 held: a text, perhaps of wide letters, or something compressed. */
function redactBytes(text: string, kind: TextKind, pass: Pass): string {
  const { compressed, mark } = pass.plan;
  const coding = sniffedCoding(text);
  if (coding !== undefined && compressed !== 'keep' && kind.depth < mostDepth) {
    const plain = unpack(text, [coding], pass);
    if (!('unsure' in plain)) {
      const content = plain.bytes.toString('latin1');
      const changed = redactBytes(content, { ...kind, depth: kind.depth + 1 }, pass);
      if (changed === content) return text;
      return plain.compress(Buffer.from(changed, 'latin1')).toString('latin1');
    }
    // Nobody knows what it holds; two bytes, as zlib has, may be chance.
    if (coding !== 'deflate' || plain.unsure === 'size') return mark('');
  }
  return withSpans(text, inWide(text, kind, pass));
}

/** As `find`, and as well in letters that take more than a byte each. */
function inWide(text: string, kind: TextKind, pass: Pass): readonly Span[] {
  const wide = narrowed(text, '');
  const found = find(text, kind, pass);
  if (wide === undefined) return found;
  return settle(text, [...wide.widen(find(wide.text, kind, pass)), ...found], pass.plan.mark(''));
}

export const isSecret = (kind: NameKind): boolean =>
  kind === 'secret' || kind === 'password' || kind === 'plural';

function byName(
  text: string,
  places: readonly number[],
  kind: TextKind,
  pass: Pass,
  layers: readonly Layer[],
  spans: Span[],
): void {
  if (places.length === 0) return;
  const { plan } = pass;
  const strings = layers.filter(({ isString }) => isString);
  const barren: Barren = { jwt: 0, hasNoPemEnd: false };
  const open = new Set<string>();
  let string = 0;
  let namesFrom = 0;
  let tokensFrom = 0;
  for (const trigger of places) {
    const at = trigger >> 1;
    if ((trigger & 1) === 1) {
      if (at < tokensFrom || !plan.secrets) continue;
      const token = tokenAt(text, at, kind.isCut, barren);
      if (token === undefined) continue;
      tokensFrom = token[1];
      spans.push(span(token[0], token[1], plan.mark(text.slice(token[0], token[1]))));
      continue;
    }
    if (at < namesFrom) continue;
    while (string < strings.length && (strings[string]?.to ?? 0) <= at) string++;
    if ((strings[string]?.from ?? text.length) <= at) continue;
    const name = nameAround(text, at);
    if (name === undefined) continue;
    namesFrom = name.to;
    if (isAlone(text, name)) continue;
    const named = nameKind(text.slice(name.from, name.to));
    if (named === 'none' || !(named === 'card' ? plan.cards : plan.secrets)) continue;
    const isQuery = named === 'query' || named === 'code';
    if (isQuery && !(text[name.to] === '=' && isParameterBegin(text, name.from))) continue;
    if (kind.isHead && isHeaderName(text, name.from, name.to)) continue;
    const value = valueAfter(text, name, named, kind.isForm, open);
    if (value === undefined || (named === 'code' && value.to - value.from < leastCode)) continue;
    addNamed(text, value, kind, pass, spans);
    namesFrom = value.to;
  }
}

/** Shorter codes are given to customers. */
const leastCode = 16;

const isHeaderName = (text: string, from: number, to: number): boolean =>
  text[to] === ':' && (from === 0 || text[from - 1] === '\n');

function addNamed(
  text: string,
  value: NamedValue,
  kind: TextKind,
  pass: Pass,
  spans: Span[],
): void {
  const raw = text.slice(value.from, value.to);
  if (
    isMark(raw) ||
    (markLength(raw, 0) > 0 &&
      raw.length < 64 &&
      raw.trimEnd() === raw.slice(0, markLength(raw, 0)))
  )
    return;
  const { plan } = pass;
  const plain = plainValue(raw);
  const put = placed(pass, plain);
  if (plain !== raw) remember(pass, raw, put);
  if (kind.isForm && raw.includes('+')) remember(pass, plain.replaceAll('+', ' '), put);
  if (value.form === 'json') rememberTexts(raw, pass);
  if (plan.isRemoving && value.memberTo > 0)
    spans.push({ ...span(value.memberFrom, value.memberTo, ''), separator: value.separator });
  else if (value.form === 'json')
    spans.push(span(value.from, value.to, plan.isRemoving ? 'null' : `"${put}"`));
  else spans.push(span(value.from, value.to, put));
}

/** A value as it stands elsewhere, whose encodings may be others. */
function plainValue(raw: string): string {
  if (raw.includes('%'))
    return raw.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return raw.includes('\\') ? unescapeJson(raw, 0, raw.length).text : raw;
}

/** Texts within an object or a list that goes as a whole. */
function rememberTexts(raw: string, pass: Pass): void {
  if (raw[0] !== '{' && raw[0] !== '[') return;
  for (let at = raw.indexOf('"'); at >= 0; at = raw.indexOf('"', at + 1)) {
    const end = stringEnd(raw, at + 1);
    const isName = raw[skipSpace(raw, end + 1)] === ':';
    const text = unescapeJson(raw, at + 1, end).text;
    if (!isName) remember(pass, text, pass.plan.mark(text));
    at = end;
  }
}

function byShape(
  text: string,
  kind: TextKind,
  pass: Pass,
  layers: readonly Layer[],
  spans: Span[],
): void {
  const { plan } = pass;
  const add = (from: number, to: number): void => {
    const value = text.slice(from, to);
    if (!isMark(value)) spans.push(span(from, to, plan.mark(value)));
  };
  const hasAt = (plan.email || plan.secrets) && text.includes('@');
  const loginEnds = new Set<number>();
  if (plan.secrets && hasAt)
    loginsIn(text, kind.isText, (from, to) => {
      loginEnds.add(to);
      addLogin(text.slice(from, to), pass);
      add(from, to);
    });
  if (plan.email && hasAt)
    emailsIn(text, kind, (from, to, at) => {
      if (!loginEnds.has(at)) add(from, to);
    });
  if (plan.cards) byCards(text, kind, pass, layers, spans);
  for (const pattern of plan.patterns) pattern(text, add);
}

function addLogin(login: string, pass: Pass): void {
  const password = login.slice(login.indexOf(':') + 1);
  if (!isMark(login)) remember(pass, password, pass.plan.mark(password));
}

function byCards(
  text: string,
  kind: TextKind,
  pass: Pass,
  layers: readonly Layer[],
  spans: Span[],
): void {
  const { plan } = pass;
  const json = new JsonPlaces(text);
  const strings = layers.filter(({ isString }) => isString);
  let string = 0;
  cardsIn(text, kind.isCut, (from, to) => {
    // It is found there, where its place is known.
    while (string < strings.length && (strings[string]?.to ?? 0) <= from) string++;
    if ((strings[string]?.from ?? text.length) <= from) return;
    const put = plan.mark(text.slice(from, to));
    const isNumber = json.isNumber(from, to);
    spans.push(span(from, to, isNumber ? (plan.isRemoving ? 'null' : `"${put}"`) : put));
  });
}

/** Tells the numbers of JSON from digits within its texts; asked for places in their order. */
class JsonPlaces {
  readonly #text: string;
  #isJson: boolean | undefined;
  /** The quote that begins the next text, from which on nothing has been looked at. */
  #open = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isNumber(from: number, to: number): boolean {
    const text = this.#text;
    if (!isNumber(text.slice(from, to))) return false;
    if (this.#isJson === undefined) {
      this.#isJson = looksLikeJson(text);
      this.#open = quoteFrom(text, 0);
    }
    if (!this.#isJson) return false;
    while (this.#open < from) {
      const end = stringEnd(text, this.#open + 1);
      if (end >= from) return false;
      this.#open = quoteFrom(text, end + 1);
    }
    const before = /[-:[,\s]/.test(text[from - 1] ?? ' ');
    return before && /[,}\]\s]/.test(text[to] ?? ' ') && text[from - 1] !== '-';
  }
}

function quoteFrom(text: string, from: number): number {
  const at = text.indexOf('"', from);
  return at < 0 ? text.length : at;
}

function byRules(text: string, kind: TextKind, pass: Pass, spans: Span[]): void {
  const { plan } = pass;
  if (plan.query.size > 0 || (kind.isForm && plan.forms.size > 0)) {
    const names = kind.isForm ? new Set([...plan.query, ...plan.forms]) : plan.query;
    parametersIn(text, kind.isForm, names, ({ from, to, memberFrom }) =>
      addNamed(
        text,
        { from, to, form: 'text', memberFrom, memberTo: to, separator: '&' },
        kind,
        pass,
        spans,
      ),
    );
  }
  const { paths } = plan;
  if (paths !== undefined && looksLikeJson(text) && mayReach(text, paths))
    byPaths(text, paths, paths.root, pass, kind, spans);
}

/** Whether a name that the paths need is there, as it is or escaped. */
const mayReach = (text: string, { needed }: Paths): boolean =>
  needed === undefined || text.includes('\\') || needed.some((name) => text.includes(name));

/** A bracket, or space before it that may be escaped. */
const mayBegin = (code: number): boolean =>
  code === 0x7b || code === 0x5b || code === 0x5c || code <= 0x20;

function byPaths(
  text: string,
  paths: Paths,
  root: Node,
  pass: Pass,
  kind: TextKind,
  spans: Span[],
): void {
  walkJson(
    text,
    paths,
    root,
    ({ from, to, memberFrom }) => {
      const isText = text[from] === '"';
      const isClosed = isText && to - from > 1 && text[to - 1] === '"';
      const value: NamedValue = {
        from: isText ? from + 1 : from,
        to: isClosed ? to - 1 : to,
        form: isText ? 'text' : 'json',
        memberFrom,
        memberTo: to,
        separator: ',',
      };
      if (value.to > value.from) addNamed(text, value, kind, pass, spans);
    },
    (from, to, node) => {
      if (kind.depth >= mostDepth || !mayBegin(text.charCodeAt(from))) return;
      const decoded = unescapeJson(text, from, to);
      if (!/^\s*[[{]/.test(decoded.text.slice(0, 64))) return;
      const found: Span[] = [];
      byPaths(decoded.text, paths, node, pass, { ...kind, depth: kind.depth + 1 }, found);
      for (const each of settle(decoded.text, found, pass.plan.mark('')))
        spans.push({
          ...each,
          from: decoded.places[each.from] as number,
          to: decoded.places[each.to] as number,
          put: escapeJson(each.put),
          separator: '',
        });
    },
  );
}

/** Whether one of the values stands in a text where it was not redacted. */
export const isLeft = (pass: Pass, literals: Literals): boolean =>
  pass.seen.some(({ text, spans }) => {
    const uncovered: number[] = [];
    literals.find(text, (from, to) => {
      if (uncovered.length === 0 && !isCovered(spans, from, to)) uncovered.push(from);
    });
    return uncovered.length > 0;
  });
