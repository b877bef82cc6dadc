import { type Batch, type ByteWriter, fullShape, jsonWriter, literalOf, type Shape } from '#pump';

/** The document that a record is: every field, as `stdout` has it. */
export const documentShape: Shape = fullShape;

const nothing = literalOf('');
const line = { head: () => nothing, end: literalOf('\n') };

/** Writes a batch as lines of JSON, one for each record. JSON has no line end within. */
export function lineWriter(document: Shape): (batch: Batch, out: ByteWriter) => void {
  const write = jsonWriter(document);
  return ({ entries }, out) => write.many(entries, out, { frame: line });
}
