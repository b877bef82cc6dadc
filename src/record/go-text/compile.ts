import { fullShape } from '../full-shape.ts';
import type { Shape, ShapeValue } from '../shape.ts';
import { goTimeHalves } from '../time/text.ts';
import { compiledWriter, type RecordWriter, type Target } from '../write/compiled-writer.ts';
import { kinds } from '../write/kinds.ts';
import { type Leaf, leaf, valueToken } from '../write/leaf.ts';
import { fieldOf, type LeafValue } from '../write/leaf-value.ts';
import type { Token } from '../write/program.ts';
import { goTextEnd, goTextStart, interpretGoText, interpretGoValue } from './interpret.ts';

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

function leafOf(value: LeafValue, target: Target): Leaf | undefined {
  switch (value.form) {
    case 'text':
    case 'json':
    case 'base64':
    case 'derived':
      return leaf.text(value.field, kinds.plainText);
    case 'integer':
      return leaf.integer(value.field, value.field === 'month' ? kinds.month : kinds.integer);
    case 'float':
      return leaf.float(value.field, kinds.goFloat);
    case 'flag':
      return leaf.flag(value.field);
    case 'time':
      return leaf.time(value.field, goTimeHalves);
    case 'list':
      return leaf.list(value.field, kinds.goList, '[]', target);
    case 'city-names':
      return leaf.names(kinds.goNames, 'map[]');
    case 'graph-types':
      return leaf.rare(fieldOf(value), 'map[]', target);
    case 'graph-errors':
      return leaf.rare(fieldOf(value), '[]', target);
  }
  return value satisfies never;
}
