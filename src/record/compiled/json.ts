import type { Shape, ShapeValue } from '../shape.ts';
import { slotOf } from '../slots.ts';
import { rfc3339Halves } from '../time/text.ts';
import { interpretJson, jsonLabel, jsonValueInterpreter } from '../transcode/interpret-json.ts';
import { compiledWriter, type RecordWriter, type Target } from './compiled-writer.ts';
import { type Leaf, leaf, valueToken } from './leaf.ts';
import { fieldOf, type LeafValue } from './leaf-value.ts';
import { putAscii, putInteger } from './number.ts';
import { conditional, gaveUp, programOf, type Token, type Value } from './program.ts';
import type { Joint, PutFloat } from './source.ts';
import { copyJsonText } from './text.ts';
import { timePut } from './time.ts';

/** A control character becomes `\u001f`. An empty text in a list is one byte of a record, and three here. */
const growth = 6;

/** A function that writes a shape's document, byte for byte as the interpreter does. */
export const compileShape = (shape: Shape): RecordWriter =>
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
    else tokens.push(conditional(target.source.isSet(when), programOf(body, growth)));
    isFirst = false;
    isCertain ||= when === undefined;
  }
  return [...tokens, '}'];
}

const [comma, brace] = [0x2c, 0x7b];

/** No value ends in a brace that opens. */
const commaIfNeeded: Value = {
  step(_, { buffer }, to) {
    if (buffer[to - 1] === brace) return to;
    buffer[to] = comma;
    return to + 1;
  },
  room: 1,
  slots: [],
  otherwise: () => undefined,
};

function valueTokens(value: ShapeValue, target: Target): readonly Token[] {
  if (value.form === 'object') return objectTokens(value.entries, target);
  if (value.form === 'constant') return [value.json];
  const place = { field: fieldOf(value), target, interpret: jsonValueInterpreter(value) };
  return [valueToken(place, leafOf(value, target))];
}

/** Undefined for what takes more than copying. */
function leafOf(value: LeafValue, { source }: Target): Leaf | undefined {
  switch (value.form) {
    case 'text':
      return leaf.text(source, value.field, copyJsonText);
    case 'integer':
      return leaf.integer(source, value.field, putInteger);
    case 'float':
      return leaf.float(source, value.field, putJsonFloat);
    case 'flag':
      return leaf.flag(source, value.field);
    case 'time':
      return leaf.time(source, value.field, timePut(rfc3339Halves, '"'));
    case 'list':
      return leaf.list(source, value.field, copyJsonText, array);
    case 'city-names':
      return leaf.rare(source, 'geo.city.names', 'null');
    case 'graph-types':
      return leaf.rare(source, 'graphql_stats.Types', 'null');
    case 'graph-errors':
      return leaf.rare(source, 'graphql_stats.Errors', 'null');
    case 'base64':
    case 'derived':
      return undefined;
  }
  return value satisfies never;
}

const array: Joint = { before: '[', between: comma, after: ']', nil: 'null' };

/** Most are 0: there is no place. All others are left to the interpreter. */
const putJsonFloat: PutFloat = (value, out, to) =>
  Object.is(value, 0) ? putAscii('0', out, to) : gaveUp;
