import { ByteWriter } from '../../lib/byte-writer.ts';
import type { LeafField } from '../slots.ts';
import { goTimeHalves } from '../time/text.ts';
import {
  compiledWriter,
  type DocumentWriter,
  type RecordWriter,
  type Target,
} from '../write/compiled-writer.ts';
import { kinds } from '../write/kinds.ts';
import { type Leaf, leaf, valueToken } from '../write/leaf.ts';
import type { Token } from '../write/program.ts';
import type { CsvColumn, CsvValue } from './columns.ts';
import { interpretCsvRow, interpretCsvValue, writeCsvText } from './interpret.ts';

/** A quote is doubled; the empty text in a list is one byte, and so is its separator. */
const growth = 2;

/** A function that writes a row, byte for byte as the interpreter does. */
export const compileCsvRow = (columns: readonly CsvColumn[]): DocumentWriter =>
  compiledWriter({
    tokensOf: (target) => rowTokens(columns, target),
    growth,
    interpret: (record, out) => interpretCsvRow(columns, record, out),
  });

const rowTokens = (columns: readonly CsvColumn[], target: Target): readonly Token[] => [
  ...columns.flatMap(({ value }, index) => [index === 0 ? '' : ',', token(value, target)]),
  '\n',
];

type FieldValue = Exclude<CsvValue, { form: 'constant' }>;

function token(value: CsvValue, target: Target): Token {
  if (value.form === 'constant') return quotedText(value.text);
  const field = fieldIn(value);
  const interpret: RecordWriter = (record, out) => interpretCsvValue(value, record, out);
  return valueToken({ field, target, interpret }, leafOf(value, target));
}

function quotedText(text: string): string {
  const out = new ByteWriter(64);
  writeCsvText(text, out);
  return out.view().toString();
}

function fieldIn(value: FieldValue): LeafField {
  switch (value.form) {
    case 'city-names':
      return 'geo.city.names';
    case 'graph-types':
      return 'graphql_stats.Types';
    case 'graph-errors':
      return 'graphql_stats.Errors';
    default:
      return value.field;
  }
}

/** Undefined for what takes more than copying. */
function leafOf(value: FieldValue, target: Target): Leaf | undefined {
  switch (value.form) {
    case 'text':
      return leaf.text(value.field, value.isGuarded === true ? kinds.guardedText : kinds.csvText);
    case 'unsigned':
      return leaf.integer(value.field, kinds.natural);
    case 'signed':
      return leaf.integer(value.field);
    case 'month':
      return leaf.integer(value.field, kinds.month);
    case 'go-time':
      return leaf.time(value.field, goTimeHalves);
    case 'list': {
      const kind = value.isGuarded === true ? kinds.guardedList : kinds.csvList;
      return leaf.list(value.field, kind, '', target);
    }
    case 'city-names':
      return value.isGuarded === true ? undefined : leaf.names(kinds.csvNames, '');
    case 'truncated':
      return leaf.float(value.field, kinds.wholeFloat);
    case 'flag':
      return leaf.flag(value.field);
    case 'float':
    case 'graph-types':
    case 'graph-errors':
      return undefined;
  }
  return value satisfies never;
}
