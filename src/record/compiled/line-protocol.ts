import { type Literal, literalOf, literalOverhang, putLiteral } from '../../lib/literal.ts';
import { goTimeHalves, rfc3339Halves } from '../time/text.ts';
import {
  interpretField,
  interpretPoint,
  interpretTag,
} from '../transcode/interpret-line-protocol.ts';
import type { LineDialect, Point, PointColumn, PointValue } from '../transcode/point-shape.ts';
import { compiledWriter, type RecordWriter, type Target } from './compiled-writer.ts';
import { type Leaf, leaf, valueToken } from './leaf.ts';
import { putInteger } from './number.ts';
import { gaveUp, type Token } from './program.ts';
import type { Source } from './source.ts';
import type { CopyText } from './text.ts';
import { timePut } from './time.ts';

/** What is copied grows by nothing. */
const growth = 1;

/** A function that writes a point up to its fields, byte for byte as the interpreter does. */
export const compilePoint = (point: Point): RecordWriter =>
  compiledWriter({
    tokensOf: (target) => pointTokens(point, target),
    growth,
    interpret: (record, out) => interpretPoint(point, record, out),
  });

const pointTokens = ({ head, tags, fields, dialect }: Point, target: Target): readonly Token[] => [
  head,
  ...tags.map((tag) => tagToken(tag, dialect, target)),
  ' ',
  ...fields.flatMap(({ label, value }, index) => [
    index === 0 ? label : `,${label}`,
    fieldToken(value, target),
  ]),
];

/** The value brings its comma and its name, for an empty one has neither. */
function tagToken(tag: PointColumn, dialect: LineDialect, target: Target): Token {
  const { label, value } = tag;
  if (value.form === 'unknown') return `,${label}null`;
  const interpret: RecordWriter = (record, out) => interpretTag(tag, dialect, record, out);
  const draft = tagLeaf(literalOf(`,${label}`), value, target.source);
  return valueToken({ field: value.field, target, interpret }, draft);
}

type Known = Exclude<PointValue, { readonly form: 'unknown' }>;

function tagLeaf(label: Literal, value: Known, source: Source): Leaf {
  const draft = unlabelled(label, value, source);
  return { ...draft, room: draft.room + label.size + literalOverhang };
}

function unlabelled(label: Literal, value: Known, source: Source): Leaf {
  switch (value.form) {
    case 'text':
      return leaf.text(source, value.field, (row, start, end, out, to) =>
        start === end ? to : copyTag(row, start, end, out, putLiteral(label, out, to)),
      );
    case 'integer':
      return leaf.integer(source, value.field, (number, out, to) =>
        putInteger(number, out, putLiteral(label, out, to)),
      );
    case 'time': {
      const put = timePut(rfc3339Halves);
      return leaf.time(source, value.field, (seconds, nanos, zone, out, to) =>
        put(seconds, nanos, zone, out, putLiteral(label, out, to)),
      );
    }
  }
  return value satisfies never;
}

function fieldToken(value: PointValue, target: Target): Token {
  if (value.form === 'unknown') return '';
  const interpret: RecordWriter = (record, out) => interpretField(value, record, out);
  return valueToken({ field: value.field, target, interpret }, fieldLeaf(value, target.source));
}

function fieldLeaf(value: Known, source: Source): Leaf {
  switch (value.form) {
    case 'text':
      return leaf.text(source, value.field, copyField);
    case 'integer':
      return leaf.integer(source, value.field, (number, out, to) => {
        const next = putInteger(number, out, to);
        out.buffer[next] = integerMark;
        return next + 1;
      });
    case 'time':
      return leaf.time(source, value.field, timePut(goTimeHalves, '"'));
  }
  return value satisfies never;
}

const [integerMark, quote] = [0x69, 0x22];

/** Gives up at the first byte that a table does not mark with 1. */
const copyWhile =
  (plain: Uint8Array): CopyText =>
  ({ bytes }, start, end, { buffer }, to) => {
    let next = to;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (plain[byte] !== 1) return gaveUp;
      buffer[next++] = byte;
    }
    return next;
  };

/** What neither JSON nor the line protocol escapes. */
const plainInTag = new Uint8Array(256).fill(1, 0x20, 0x80);
for (const special of '"\\<>& ,=') plainInTag[special.charCodeAt(0)] = 0;
const copyTag = copyWhile(plainInTag);

const plainInField = new Uint8Array(256).fill(1, 0, 0x80);
for (const special of '"\\') plainInField[special.charCodeAt(0)] = 0;
const copyPlainField = copyWhile(plainInField);

const copyField: CopyText = (row, start, end, out, to) => {
  out.buffer[to] = quote;
  const next = copyPlainField(row, start, end, out, to + 1);
  if (next < 0) return next;
  out.buffer[next] = quote;
  return next + 1;
};
