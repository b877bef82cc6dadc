import type { AnalyticsRecord } from '../../record/record.ts';
import { Draft } from '../../record/rewrite/draft.ts';
import { Rewriter } from '../../record/rewrite/rewriter.ts';
import { anUptimeRecord, aRecord, someRecords } from '../../record/testing.ts';
import { Batch, type Entry, recordIdOf } from '../batch.ts';
import type { PreparedPump, Pump } from '../define-pump.ts';
import type { Failure, Verdict } from '../verdict.ts';

/** The fields of a record a test cares about; the others have unremarkable values. */
export type RecordOverrides = NonNullable<Parameters<typeof aRecord>[0]>;

/** The same for every record of a batch, or different for each. */
export type BatchOverrides = RecordOverrides | ((index: number) => RecordOverrides);

let segments = 0;

/** A record with an identity that no other entry of this process has. */
export function anEntry(overrides: RecordOverrides = {}): Entry {
  return entryOf(nextSegment(), 0, aRecord(overrides));
}

/** A record of a sample, which stands for `weight` of them. */
export function aWeighedEntry(weight: number, overrides: RecordOverrides = {}): Entry {
  const record = aRecord(overrides);
  const draft = new Draft();
  draft.begin(record);
  draft.setNumber('sample_weight', weight);
  return entryOf(nextSegment(), 0, new Rewriter().rewrite(record, draft));
}

/** A batch of `size` records from one segment, side by side as they came: ids `<segment>:0`, `<segment>:1`, … */
export function aBatch(
  size: number,
  overrides: BatchOverrides = {},
  segment: string = nextSegment(),
): Batch {
  return batchOf(size, overrides, segment, someRecords);
}

/** The same of uptime records: of the fields those that both kinds have, and `path` is the URL. */
export function anUptimeBatch(
  size: number,
  overrides: BatchOverrides = {},
  segment: string = nextSegment(),
): Batch {
  return batchOf(size, overrides, segment, (all) => all.map((each) => anUptimeRecord(each)));
}

function batchOf(
  size: number,
  overrides: BatchOverrides,
  segment: string,
  recordsOf: (all: readonly RecordOverrides[]) => readonly AnalyticsRecord[],
): Batch {
  const fields = typeof overrides === 'function' ? overrides : () => overrides;
  const records = recordsOf(Array.from({ length: size }, (_, index) => fields(index)));
  return Batch.of(records.map((record, index) => entryOf(segment, index, record)));
}

const entryOf = (segment: string, index: number, record: AnalyticsRecord): Entry => ({
  segment,
  index,
  id: recordIdOf(segment, index),
  record,
});

function nextSegment(): string {
  segments += 1;
  return `1700000000000000-${segments}`;
}

/** The pump, prepared from `meta` as an operator would write it. Throws with every problem where it is refused. */
export function aPreparedPump(
  pump: Pump,
  meta: unknown = {},
  env: Readonly<Record<string, string>> = {},
): PreparedPump {
  const { pump: prepared, problems } = pump.prepare({
    raw: meta,
    source: 'test',
    key: 'pumps.TEST.meta',
    env,
    envPrefix: pump.envPrefix,
  });
  if (prepared !== undefined) return prepared;
  const lines = problems.map(({ key, found, expected }) => `${key}: ${expected}, found ${found}`);
  throw new Error(`the pump refuses its options: ${lines.join('; ')}`);
}

/** The failure of a verdict; throws where the record was delivered. */
export function failureOf(verdict: Verdict | undefined): Failure {
  if (verdict === undefined || verdict.outcome === 'delivered')
    throw new Error('expected a failure, the record was delivered');
  return verdict.failure;
}
