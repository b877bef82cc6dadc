import { Batch, type Pump } from '#pump';
import { aBatch, type RecordOverrides, type SinkHarness } from '#pump/testing';
import { collectStatements } from '../../../../src/lib/collect-statements.testing.ts';
import { sqliteHarness } from '../sqlite.testing.ts';

/**
 * A pump of aggregates into a new file, where the paths of records are found again, as often as they were counted. The
 * suite's records become such that the pump counts, and whose paths are tracked.
 */
export async function aggregateHarness(
  pump: Pump,
  table: string,
  fields: RecordOverrides,
): Promise<SinkHarness> {
  const harness = await sqliteHarness(pump, {
    table: `${table} WHERE dimension = 'endpoints'`,
    path: 'counter_identifier, counter_hits',
  });
  return {
    ...harness,
    pump: {
      ...harness.pump,
      async open(context, signal) {
        const sink = await harness.pump.open(context, signal);
        return {
          deliver: (batch, attempt) => sink.deliver(counted(batch, fields), attempt),
          check: (attempt) => sink.check(attempt),
          async close(attempt) {
            await sink.close(attempt);
            await collectStatements();
          },
        };
      },
    },
  };
}

/** The same ids and paths. */
const counted = (batch: Batch, fields: RecordOverrides): Batch =>
  Batch.of(
    batch.entries.map((entry) => {
      const path = entry.record.text('path');
      const [{ record }] = aBatch(1, { ...fields, path, track_path: true }).entries;
      return { segment: entry.segment, index: entry.index, id: entry.id, record };
    }),
  );
