import { type Batch, ByteWriter, fullShape, jsonWriter } from '#pump';

/** Made once; what a record holds is worked out when the first one comes. */
const writeRecord = jsonWriter(fullShape);

/** A batch as lines of JSON, one for each record, with every field. Pure: the same batch gives the same bytes. */
export function linesOf(batch: Batch): Uint8Array {
  const out = new ByteWriter();
  for (const { record } of batch) {
    writeRecord(record, out);
    out.ascii('\n');
  }
  return out.take();
}
