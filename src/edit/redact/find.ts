import { addNamed } from './add-named.ts';
import { narrowed } from './charset.ts';
import { sniffedCoding } from './compression.ts';
import { byName } from './find-names.ts';
import { byRules } from './find-rules.ts';
import { byShape } from './find-shapes.ts';
import type { Layer } from './layer.ts';
import { layersOf } from './layers.ts';
import type { Literals } from './literals.ts';
import { mayBeName } from './named/name-place.ts';
import { valueAfter } from './named/value-after.ts';
import { isSecret, nameKind } from './names.ts';
import type { Pass } from './plan.ts';
import { look } from './scan/look.ts';
import type { Sight } from './scan/sight.ts';
import { isCovered, noSpans, type Span, settle, span, withSpans } from './spans.ts';
import { mostDepth, type TextKind } from './text-kind.ts';
import { unpack } from './unpack.ts';

/** The kinds of finds call each other: a text holds texts, to any depth that is bounded. */

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

/** Whether one of the values stands in a text where it was not redacted. */
export const isLeft = (pass: Pass, literals: Literals): boolean =>
  pass.seen.some(({ text, spans }) => {
    const uncovered: number[] = [];
    literals.find(text, (from, to) => {
      if (uncovered.length === 0 && !isCovered(spans, from, to)) uncovered.push(from);
    });
    return uncovered.length > 0;
  });
