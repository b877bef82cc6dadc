import { ByteWriter } from '../../lib/byte-writer.ts';
import { fullShape } from '../../record/full-shape.ts';
import { jsonWriter } from '../../record/json/write.ts';
import type { AnalyticsRecord, RecordKind } from '../../record/record.ts';
import { uptimeJson } from '../../record/uptime/json.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import { verbatim } from '../json.ts';
import { recordOf } from './record-of.ts';

/** What a letter says beside its record. */
export const letterHeader = (letter: DeadLetter) => {
  const { id, route, list, kind, reason, attempts, encoding, bytes } = letter;
  return {
    ...{ id, route, list, kind, reason, attempts },
    first: new Date(letter.firstAt).toISOString(),
    last: new Date(letter.lastAt).toISOString(),
    encoding,
    bytes: bytes.length,
  };
};

/** A letter for programs; `isWhole`: with the record and the bytes. */
export function letterInJson(letter: DeadLetter, isWhole: boolean): object {
  const header = letterHeader(letter);
  if (!isWhole) return header;
  const decoded = recordOf(letter);
  return {
    ...header,
    record:
      decoded === undefined ? null : verbatim(recordJson(decoded.record, decoded.decoder.records)),
    base64: Buffer.from(letter.bytes).toString('base64'),
  };
}

const writeRecord = jsonWriter(fullShape);

export function recordJson(record: AnalyticsRecord, kind: RecordKind): string {
  if (kind === 'uptime') return uptimeJson(record);
  const out = new ByteWriter();
  writeRecord(record, out);
  return out.view().toString();
}
