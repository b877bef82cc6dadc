import {
  type AnalyticsRecord,
  ByteWriter,
  fullShape,
  goTextWriter,
  type RecordWriter,
  type Shape,
  type ShapeEntry,
} from '#pump';
import type { Frame } from './frame.ts';
import type { Options } from './options.ts';
import { payloadOnOneLine } from './payload.ts';

const oneLineShape: Shape = fullShape.map((entry): ShapeEntry => {
  const { key, value } = entry;
  return value.form === 'text' && (key === 'raw_request' || key === 'raw_response')
    ? { key, value: { form: 'derived', field: value.field, derive: payloadOnOneLine } }
    : entry;
});

/** The whole record; its two payloads on one line each, unless the operator wants them as they are. */
export const documentShape = (options: Options): Shape =>
  options.format === 'json' && !options.use_legacy_payload_format ? oneLineShape : fullShape;

/** One line: the frame's beginning, the record, the frame's end. */
export function encodeLine(
  record: AnalyticsRecord,
  line: { readonly write: RecordWriter; readonly frame: Frame; readonly out: ByteWriter },
): void {
  line.out.utf8(line.frame.before);
  line.write(record, line.out);
  line.out.utf8(line.frame.after);
}

const writeText = goTextWriter();

/** For JSON logs: the record as it is, without the payloads' treatment. */
export function encodeJson(write: RecordWriter, record: AnalyticsRecord): string {
  const out = new ByteWriter(2_048);
  write(record, out);
  return out.view().toString('utf8');
}

/** For text logs: its values, as Go prints a struct. */
export function encodeText(record: AnalyticsRecord): string {
  const out = new ByteWriter(2_048);
  writeText(record, out);
  return out.view().toString('utf8');
}
