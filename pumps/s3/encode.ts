import { type ByteWriter, type Entry, fullShape, jsonWriter, type Shape } from '#pump';

/** The document that a record is: every field, as `stdout` has it. */
export const documentShape: Shape = fullShape;

const lineFeed = 0x0a;

/** Writes records as lines of JSON; `withIds`: the record's id is the first member of each. */
export function linesWriter(
  document: Shape,
  withIds: boolean,
): (entries: readonly Entry[], out: ByteWriter) => void {
  const write = jsonWriter(document);
  return (entries, out) => {
    for (const { record, segment, index } of entries) {
      if (withIds)
        writeWithId(`{"record_id":"${segment}:${index}",`, () => write(record, out), out);
      else write(record, out);
      out.byte(lineFeed);
    }
  };
}

/** The document's own brace is written first and then put before the id. */
function writeWithId(before: string, write: () => void, out: ByteWriter): void {
  out.ascii(before);
  const end = out.length;
  write();
  if (out.length - end === '{}'.length) {
    out.truncate(end - 1);
    out.byte(0x7d);
    return;
  }
  out.buffer.copyWithin(end, end + 1, out.length);
  out.truncate(out.length - 1);
}
