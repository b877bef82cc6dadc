import { goTimeHalves } from '../time/text.ts';
import type { CsvColumn, CsvValue } from '../transcode/csv-columns.ts';
import { asUnsigned, goMonth } from '../transcode/go-value.ts';
import { interpretCsvRow, interpretCsvValue } from '../transcode/interpret-csv.ts';
import { compiledWriter, type RecordWriter, type Target } from './compiled-writer.ts';
import { type Leaf, leaf, valueToken } from './leaf.ts';
import { putAscii, putInteger } from './number.ts';
import { gaveUp, type Token } from './program.ts';
import type { Joint, PutFloat } from './source.ts';
import { type CopyText, copyGuardedCsv, copyPlainCsv } from './text.ts';
import { timePut } from './time.ts';

/** What is copied grows by nothing; an empty text in a list is one byte, and so is its separator. */
const growth = 1;

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

function leafOf(value: CsvValue, { source }: Target): Leaf {
  switch (value.form) {
    case 'text':
      return leaf.text(source, value.field, copyOf(value));
    case 'unsigned':
      return leaf.integer(source, value.field, (number, out, to) =>
        putInteger(asUnsigned(number), out, to),
      );
    case 'signed':
      return leaf.integer(source, value.field, putInteger);
    case 'month':
      return leaf.integer(source, value.field, (month, out, to) =>
        putAscii(goMonth(month), out, to),
      );
    case 'go-time':
      return leaf.time(source, value.field, timePut(goTimeHalves));
    case 'list':
      return leaf.list(source, value.field, copyOf(value), joined);
    case 'city-names':
      return leaf.rare(source, 'geo.city.names', '');
    case 'truncated':
      return leaf.float(source, value.field, putZero);
    case 'flag':
      return leaf.flag(source, value.field);
  }
  return value satisfies never;
}

/** What would have to be guarded is left to the interpreter. */
const copyOf = ({ isGuarded }: { readonly isGuarded?: true }): CopyText =>
  isGuarded === true ? copyGuardedCsv : copyPlainCsv;

const joined: Joint = { before: '', between: 0x3b, after: '', nil: '' };

/** Most are 0: there is no place. All others are left to the interpreter. */
const putZero: PutFloat = (value, out, to) => (value === 0 ? putAscii('0', out, to) : gaveUp);
