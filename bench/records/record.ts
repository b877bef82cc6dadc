import { recordAt } from '../../src/cli/traffic/traffic.ts';
import { millis } from '../../src/lib/units.ts';
import { encodeMsgpack } from '../../src/record/encode/msgpack.ts';
import { encodeProtobuf } from '../../src/record/encode/protobuf.ts';
import type { RecordFields } from '../../src/record/encode/record-fields.ts';
import type { RecordEncoding, Size } from '../cell.ts';

/** What every record's own tag begins with. No other text of a record holds it: base64 has no hyphen. */
export const mark = 'rec-';
/** Digits after the mark. */
export const markDigits = 9;

const traffic = {
  seed: 6,
  firstAt: millis(Date.UTC(2026, 2, 1)),
  interval: 3,
};

/** Bytes `recordAt` should aim at so that 10 KB records have about 10,000 bytes. */
const largeSize = 9_900;

/**
 * Record `index` of the bench: the same on every machine. Four tags, one of them its own; one record in four has a
 * place, one in 64 a path whose characters JSON and CSV must escape. Small ones have no bodies.
 */
export function benchRecord(index: number, size: Size): RecordFields {
  const isLarge = size === '10KB';
  const fields = recordAt(index, { ...traffic, size: isLarge ? largeSize : 0 });
  const scattered = Math.imul(index, 2_654_435_761) >>> 0;
  const escaped = index % 64 === 7 ? '/a "b",<c>&\u00e9' : '';
  return {
    ...fields,
    ...(isLarge ? {} : { raw_request: '', raw_response: '' }),
    // Few clients: each is a series of a metric, and a gateway has hundreds of them, not one for every call.
    api_key: `${textOf(fields.org_id)}${hex(scattered % 200)}`,
    oauth_id: index % 5 === 0 ? hex(scattered % 50) : '',
    raw_path: `${textOf(fields.raw_path)}${escaped}`,
    tags: [...(fields.tags ?? []), `${mark}${String(index).padStart(markDigits, '0')}`],
  };
}

/** The same as a gateway would push it. */
export function benchElement(index: number, size: Size, encoding: RecordEncoding): Buffer {
  const fields = benchRecord(index, size);
  return encoding === 'msgpack' ? encodeMsgpack(fields) : encodeProtobuf(fields);
}

const hex = (value: number): string => value.toString(16).padStart(32, '0');
const textOf = (value: RecordFields['path']): string => (typeof value === 'string' ? value : '');
