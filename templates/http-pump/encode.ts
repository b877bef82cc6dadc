import { type Batch, ByteWriter, fullShape, jsonWriter, type Shape } from '#pump';

/** The document that a record is, unless the operator wants other fields: every one of them. */
export const documentShape: Shape = fullShape;

/** Made once, of the document as the operator wants it; what a record holds is worked out when the first one comes. */
export function linesWriter(document: Shape): (batch: Batch) => Uint8Array {
  const writeRecord = jsonWriter(document);
  /** A batch as lines of JSON, one for each record. Pure: the same batch gives the same bytes. */
  return (batch) => {
    const out = new ByteWriter();
    for (const { record } of batch) {
      writeRecord(record, out);
      out.ascii('\n');
    }
    return out.take();
  };
}
