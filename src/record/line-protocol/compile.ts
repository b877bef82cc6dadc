import { goTimeHalves, rfc3339Halves, writeRfc3339 } from '../time/text.ts';
import { compiledWriter, type RecordWriter, type Target } from '../write/compiled-writer.ts';
import { kinds } from '../write/kinds.ts';
import { leaf, quoted, valueToken } from '../write/leaf.ts';
import type { Token } from '../write/program.ts';
import { interpretField, interpretPoint, interpretTag } from './interpret.ts';
import type { LineDialect, Point, PointColumn, PointValue } from './shape.ts';

/** A byte that is no UTF-8 becomes the three of U+FFFD. */
const growth = 3;

/** A function that writes a point up to its fields, byte for byte as the interpreter does. */
export const compilePoint = (point: Point): RecordWriter =>
  compiledWriter({
    tokensOf: (target) => pointTokens(point, target),
    growth,
    interpret: (record, out) => interpretPoint(point, record, out),
  });

const pointTokens = ({ head, tags, fields, dialect }: Point, target: Target): readonly Token[] => [
  head,
  ...tags.flatMap((tag) => tagTokens(tag, dialect, target)),
  ' ',
  ...fields.flatMap(({ label, value }, index) => [
    index === 0 ? label : `,${label}`,
    ...fieldTokens(value, target),
  ]),
];

function tagTokens(tag: PointColumn, dialect: LineDialect, target: Target): readonly Token[] {
  const { value } = tag;
  const label = `,${tag.label}`;
  switch (value.form) {
    case 'text': {
      // With its name, for an empty one has neither.
      const interpret: RecordWriter = (record, out) => interpretTag(tag, dialect, record, out);
      const { field } = value;
      return [valueToken({ field, target, interpret }, leaf.tag(field, label))];
    }
    case 'integer': {
      const { field } = value;
      const interpret: RecordWriter = (record, out) => out.ascii(String(record.integer(field)));
      return [label, valueToken({ field, target, interpret }, leaf.integer(field))];
    }
    case 'time': {
      const { field } = value;
      const interpret: RecordWriter = (record, out) => writeRfc3339(record.time(field), out);
      return [label, valueToken({ field, target, interpret }, leaf.time(field, rfc3339Halves))];
    }
    case 'unknown':
      return [label, 'null'];
  }
  return value satisfies never;
}

function fieldTokens(value: PointValue, target: Target): readonly Token[] {
  if (value.form === 'unknown') return [];
  const interpret: RecordWriter = (record, out) => interpretField(value, record, out);
  switch (value.form) {
    case 'text': {
      const { field } = value;
      return quoted(valueToken({ field, target, interpret }, leaf.text(field, kinds.fieldText)));
    }
    case 'integer': {
      const { field } = value;
      const plain: RecordWriter = (record, out) => out.ascii(String(record.integer(field)));
      return [valueToken({ field, target, interpret: plain }, leaf.integer(field)), 'i'];
    }
    case 'time': {
      const { field } = value;
      return [valueToken({ field, target, interpret }, leaf.time(field, goTimeHalves, '"'))];
    }
  }
  return value satisfies never;
}
