import type { ByteWriter } from '../../lib/byte-writer.ts';
import { type Literal, literalOf, putLiteral } from '../../lib/literal.ts';
import type { Integer, RecordTime } from '../record.ts';
import type { TimeHalves } from '../time/text.ts';
import { putFraction } from './number.ts';

/** Room that a time takes in either form, that of the year 292277026596 too. */
export const timeRoom = 80;

export type PutTime = (
  seconds: Integer,
  nanos: number,
  zone: string,
  out: ByteWriter,
  to: number,
) => number;

interface Second {
  readonly seconds: Integer;
  readonly zone: string;
  readonly before: Literal;
  readonly after: Literal;
}

/** Keeps the text of the last second around its fraction: records come in order of time. */
export function timePut(halvesOf: (time: RecordTime) => TimeHalves, mark = ''): PutTime {
  const secondOf = (seconds: Integer, zone: string): Second => {
    const { before, after } = halvesOf({ seconds, zone, nanos: 0 });
    return {
      seconds,
      zone,
      before: literalOf(mark + before),
      after: literalOf(after + mark),
    };
  };
  let last = secondOf(0, 'UTC');
  return (seconds, nanos, zone, out, to) => {
    if (seconds !== last.seconds || zone !== last.zone) last = secondOf(seconds, zone);
    const at = putFraction(nanos, out, putLiteral(last.before, out, to));
    return putLiteral(last.after, out, at);
  };
}
