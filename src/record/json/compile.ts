import type { Shape, ShapeValue } from '../shape.ts';
import { slotOf } from '../slots.ts';
import { rfc3339Halves } from '../time/text.ts';
import { compiledWriter, type DocumentWriter, type Target } from '../write/compiled-writer.ts';
import { kinds } from '../write/kinds.ts';
import { type Leaf, leaf, quoted, valueToken } from '../write/leaf.ts';
import { fieldOf, type LeafValue } from '../write/leaf-value.ts';
import type { Token } from '../write/program.ts';
import { interpretJson, jsonLabel, jsonValueInterpreter } from './interpret.ts';

/** A control character becomes `\u001f`. An empty text in a list is one byte of a record, and three here. */
const growth = 6;

/** A function that writes a shape's document, byte for byte as the interpreter does. */
export const compileShape = (shape: Shape): DocumentWriter =>
  compiledWriter({
    tokensOf: (target) => objectTokens(shape, target),
    growth,
    interpret: (record, out) => interpretJson(shape, record, out),
  });

function objectTokens(entries: Shape, target: Target): readonly Token[] {
  const tokens: Token[] = ['{'];
  let [isFirst, isCertain] = [true, false];
  for (const { key, value, when } of entries) {
    if (when !== undefined && target.plan?.cleared[slotOf[when]] === 1) continue;
    // Behind nothing but entries that depend on flags, only the document shows whether there was one.
    const separator: Token = isFirst ? '' : isCertain ? ',' : commaIfNeeded;
    const body = [separator, jsonLabel(key), ...valueTokens(value, target)];
    if (when === undefined) tokens.push(...body);
    else tokens.push({ kind: kinds.when, slot: slotOf[when], tokens: body });
    isFirst = false;
    isCertain ||= when === undefined;
  }
  return [...tokens, '}'];
}

const commaIfNeeded: Token = { kind: kinds.comma, slot: 0, room: 1 };

function valueTokens(value: ShapeValue, target: Target): readonly Token[] {
  if (value.form === 'object') return objectTokens(value.entries, target);
  if (value.form === 'constant') return [value.json];
  const place = { field: fieldOf(value), target, interpret: jsonValueInterpreter(value) };
  const token = valueToken(place, leafOf(value, target));
  return value.form === 'text' ? quoted(token) : [token];
}

/** Undefined for what takes more than copying. */
function leafOf(value: LeafValue, target: Target): Leaf | undefined {
  switch (value.form) {
    case 'text':
      return leaf.text(value.field, kinds.jsonText);
    case 'integer':
      return leaf.integer(value.field);
    case 'float':
      return leaf.float(value.field, kinds.jsonFloat);
    case 'flag':
      return leaf.flag(value.field);
    case 'time':
      return leaf.time(value.field, rfc3339Halves, '"');
    case 'list':
      return leaf.list(value.field, kinds.jsonList, 'null', target);
    case 'city-names':
      return leaf.names(kinds.jsonNames, 'null');
    case 'graph-types':
    case 'graph-errors':
      return leaf.rare(fieldOf(value), 'null', target);
    case 'base64':
      return leaf.base64(value.field);
    case 'derived':
    case 'json':
      return undefined;
  }
  return value satisfies never;
}
