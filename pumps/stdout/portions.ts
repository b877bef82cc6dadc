import {
  type AnalyticsRecord,
  type Batch,
  classify,
  Delivery,
  delivered,
  type Verdict,
} from '#pump';

/** Bytes of records, before they are encoded. */
const portionBytes = 64 * 1024;

/**
 * Writes a batch in portions, each when the one before it is taken. A slow reader makes progress that way before the
 * deadline, and what it has taken does not come again: only the records of the portion that failed do, and those after.
 */
export async function inPortions(
  batch: Batch,
  write: (records: readonly AnalyticsRecord[]) => Promise<void>,
): Promise<Delivery> {
  let taken = 0;
  let verdict: Verdict = delivered();
  while (taken < batch.size) {
    const portion = portionFrom(batch, taken);
    try {
      await write(portion);
    } catch (error) {
      verdict = classify(error);
      break;
    }
    taken += portion.length;
  }
  return Delivery.each(batch, (_, index) => (index < taken ? delivered() : verdict));
}

function portionFrom(batch: Batch, from: number): readonly AnalyticsRecord[] {
  const portion: AnalyticsRecord[] = [];
  let bytes = 0;
  for (const { record } of batch.entries.slice(from)) {
    if (bytes >= portionBytes) break;
    portion.push(record);
    bytes += record.size;
  }
  return portion;
}
