import { goTimeHalves } from '../time/text.ts';
import { compiledWriter, type RecordWriter, type Target } from '../write/compiled-writer.ts';
import { kinds } from '../write/kinds.ts';
import { type Leaf, leaf, valueToken } from '../write/leaf.ts';
import type { Token } from '../write/program.ts';
import type { CsvColumn, CsvValue } from './columns.ts';
import { interpretCsvRow, interpretCsvValue } from './interpret.ts';

/** A quote is doubled; the empty text in a list is one byte, and so is its separator. */
const growth = 2;

/** A function that writes a row, byte for byte as the interpreter does. */
export const compileCsvRow = (columns: readonly CsvColumn[]): RecordWriter =>
  compiledWriter({
    tokensOf: (target) => rowTokens(columns, target),
    growth,
    interpret: (record, out) => interpretCsvRow(columns, record, out),
  });

const rowTokens = (columns: readonly CsvColumn[], target: Target): readonly Token[] => [
  ...columns.flatMap(({ value }, index) => [index === 0 ? '' : ',', token(value, target)]),
  '\n',
];

function token(value: CsvValue, target: Target): Token {
  const field = value.form === 'city-names' ? 'geo.city.names' : value.field;
  const interpret: RecordWriter = (record, out) => interpretCsvValue(value, record, out);
  return valueToken({ field, target, interpret }, leafOf(value, target));
}

/** Undefined for what takes more than copying. */
function leafOf(value: CsvValue, target: Target): Leaf | undefined {
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
  }
  return value satisfies never;
}
