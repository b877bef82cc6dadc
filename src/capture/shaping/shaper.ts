import type { RecordRules } from '../../config/record-rules.ts';
import { Alike } from '../../edit/alike.ts';
import { Places } from '../../edit/enrich/places.ts';
import { openTreatment } from '../../edit/treatment.ts';
import type { Clock } from '../../lib/clock.ts';
import { ContractError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { Slab } from '../../lib/slab.ts';
import { decoders } from '../../record/decoders.ts';
import { createMsgpackEncoder } from '../../record/encode/msgpack.ts';
import { encodeProtobuf } from '../../record/encode/protobuf.ts';
import { type MappedFields, mappedFields } from '../mapping/record-fields.ts';
import type { CaptureMetrics } from '../metrics.ts';

/** Memory for records that wait, at a time. */
const pieceBytes = 256 * 1024;

export type Encoding = 'msgpack' | 'protobuf';

export interface ShaperParts {
  readonly encoding: Encoding;
  /** Filter, sample and redaction; the rest of the rules is for pumps. */
  readonly rules: RecordRules;
  /** Different in each process: with the number of a record it decides whether a sample has it. */
  readonly life: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: CaptureMetrics;
}

/** The bytes to be written of a record; undefined: it does not go on, which has been counted. */
export type Shape = (fields: MappedFields) => Buffer | undefined;

/**
 * What becomes of a record before anything of it is stored: filter, sample, redaction, as the pump has them, on the bytes.
 * A redaction that fails leaves what no caller wrote (`alteration`).
 */
export async function openShaper(parts: ShaperParts): Promise<Shape> {
  const { encoding, rules, life, clock, log, metrics } = parts;
  const encode = encoding === 'msgpack' ? createMsgpackEncoder(mappedFields) : encodeProtobuf;
  // Records wait for one another, and are written in their order.
  const slab = new Slab(pieceBytes);
  const decoder = decoders.find(({ name }) => name === encoding);
  const { selects, weigh, edit } = await openTreatment({
    records: 'analytics',
    rules,
    edits: noEdits,
    route: 'capture',
    places: new Places({ clock, log }),
    alike: new Alike(),
    news: {
      redacted: (values) => metrics.values.add(values),
      redactedWhole: (reason) => metrics.wholes.add(1, { reason }),
    },
  });
  if (selects === undefined && weigh === undefined && edit === undefined)
    return (fields) => slab.copy(encode(fields));
  let index = 0;
  return (fields) => {
    const bytes = encode(fields);
    const record = decoder?.decode([bytes]).record(0);
    if (record === undefined) throw new ContractError('what was encoded can be decoded');
    if (selects !== undefined && !selects(record)) {
      metrics.records.add(1, { outcome: 'filtered' });
      return undefined;
    }
    const weight = weigh?.(record, life, index++);
    if (weight === 0) {
      metrics.records.add(1, { outcome: 'sampled' });
      return undefined;
    }
    const edited = edit?.(record, weight) ?? record;
    return slab.copy(edited === record ? bytes : edited.bytes);
  };
}

const noEdits = {
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
};
