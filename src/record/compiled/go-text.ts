import type { Shape, ShapeValue } from '../shape.ts';
import { goTimeHalves } from '../time/text.ts';
import { fullShape } from '../transcode/full-shape.ts';
import { goMonth } from '../transcode/go-value.ts';
import {
  goTextEnd,
  goTextStart,
  interpretGoText,
  interpretGoValue,
} from '../transcode/interpret-go-text.ts';
import { compiledWriter, type RecordWriter, type Target } from './compiled-writer.ts';
import { type Leaf, leaf, valueToken } from './leaf.ts';
import { fieldOf, type LeafValue } from './leaf-value.ts';
import { putAscii, putInteger } from './number.ts';
import { gaveUp, type Token } from './program.ts';
import type { Joint, PutFloat, PutInteger } from './source.ts';
import { copyBytes } from './text.ts';
import { timePut } from './time.ts';

/** Nothing grows; an empty text in a list is one byte, and so is its separator. */
const growth = 1;

/** A function that writes a record as Go prints it, byte for byte as the interpreter does. */
export const compileGoText = (): RecordWriter =>
  compiledWriter({
    tokensOf: (target) => [goTextStart, ...valuesTokens(fullShape, target), goTextEnd],
    growth,
    interpret: interpretGoText,
  });

const valuesTokens = (shape: Shape, target: Target): readonly Token[] =>
  shape.flatMap(({ value }, index) => [index === 0 ? '' : ' ', ...valueTokens(value, target)]);

function valueTokens(value: ShapeValue, target: Target): readonly Token[] {
  if (value.form === 'object') return ['{', ...valuesTokens(value.entries, target), '}'];
  if (value.form === 'constant') return [];
  const interpret: RecordWriter = (record, out) => interpretGoValue(value, record, out);
  return [valueToken({ field: fieldOf(value), target, interpret }, leafOf(value, target))];
}

function leafOf(value: LeafValue, { source }: Target): Leaf {
  switch (value.form) {
    case 'text':
    case 'base64':
    case 'derived':
      return leaf.text(source, value.field, copyBytes);
    case 'integer':
      return leaf.integer(source, value.field, value.field === 'month' ? putMonth : putInteger);
    case 'float':
      return leaf.float(source, value.field, putGoFloat);
    case 'flag':
      return leaf.flag(source, value.field);
    case 'time':
      return leaf.time(source, value.field, timePut(goTimeHalves));
    case 'list':
      return leaf.list(source, value.field, copyBytes, list);
    case 'city-names':
      return leaf.rare(source, 'geo.city.names', 'map[]');
    case 'graph-types':
      return leaf.rare(source, 'graphql_stats.Types', 'map[]');
    case 'graph-errors':
      return leaf.rare(source, 'graphql_stats.Errors', '[]');
  }
  return value satisfies never;
}

const putMonth: PutInteger = (month, out, to) => putAscii(goMonth(month), out, to);

const list: Joint = { before: '[', between: 0x20, after: ']', nil: '[]' };

/** Most are 0: there is no place. All others are left to the interpreter. */
const putGoFloat: PutFloat = (value, out, to) =>
  Object.is(value, 0) ? putAscii('0', out, to) : gaveUp;
