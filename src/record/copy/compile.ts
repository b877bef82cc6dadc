import { postgresStep, postgresTimeHalves } from '../time/postgres.ts';
import { compiledWriter, type RecordWriter, type Target } from '../write/compiled-writer.ts';
import { kinds } from '../write/kinds.ts';
import { type Leaf, leaf, valueToken } from '../write/leaf.ts';
import { fieldOf } from '../write/leaf-value.ts';
import type { Token } from '../write/program.ts';
import { interpretCopyRow, interpretCopyValue } from './interpret.ts';
import { nilOf } from './json.ts';
import type { CopyValue } from './value.ts';

/** A list is JSON, in which a control character has six. */
const growth = 6;

/** A function that writes a line, byte for byte as the interpreter does. */
export const compileCopyRow = (values: readonly CopyValue[]): RecordWriter =>
  compiledWriter({
    tokensOf: (target) => rowTokens(values, target),
    growth,
    interpret: (record, out) => interpretCopyRow(values, record, out),
  });

const rowTokens = (values: readonly CopyValue[], target: Target): readonly Token[] => [
  ...values.flatMap((value, index) => [index === 0 ? '' : '\t', token(value, target)]),
  '\n',
];

const token = (value: CopyValue, target: Target): Token =>
  valueToken(
    {
      field: value.form === 'named' ? value.field : fieldOf(value),
      target,
      interpret: (record, out) => interpretCopyValue(value, record, out),
    },
    leafOf(value, target),
  );

/** Undefined for what takes more than copying. */
function leafOf(value: CopyValue, target: Target): Leaf | undefined {
  switch (value.form) {
    case 'text':
      return leaf.text(value.field, kinds.copyText);
    case 'integer':
      return leaf.integer(value.field);
    case 'float':
      return leaf.float(value.field, kinds.jsonFloat);
    case 'named':
      return undefined;
    case 'flag':
      return leaf.flag(value.field);
    case 'time':
      return leaf.time(value.field, postgresTimeHalves, '', postgresStep);
    case 'list':
      return leaf.list(value.field, kinds.copyList, nilOf(value), target);
    case 'city-names':
      return leaf.names(kinds.copyNames, nilOf(value));
    case 'graph-types':
    case 'graph-errors':
      return leaf.rare(fieldOf(value), nilOf(value), target);
  }
  return value satisfies never;
}
