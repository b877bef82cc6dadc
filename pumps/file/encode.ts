import { type Batch, type ByteWriter, fullShape, jsonWriter, type Shape } from '#pump';

/** The document that a record is: every field, as `stdout` has it. */
export const documentShape: Shape = fullShape;

const lineFeed = 0x0a;

/** Writes a batch as lines of JSON, one for each record. JSON has no line end within. */
export function lineWriter(document: Shape): (batch: Batch, out: ByteWriter) => void {
  const write = jsonWriter(document);
  return ({ entries }, out) => {
    for (const { record } of entries) {
      write(record, out);
      out.byte(lineFeed);
    }
  };
}
