import { EditedRecord, type Payload } from './edited-record.ts';
import { type TopLevelField, topLevelFields } from './fields.ts';
import type { AnalyticsRecord } from './record.ts';
import { slotCount, slotOf } from './slots.ts';
import { spanned } from './span.ts';

/** What a pump's common options do to its records (tyk-pump.md, "What a pump's entry does to a record"). */
export interface Edits {
  readonly omitDetailedRecording: boolean;
  /** Bytes that are left of each raw text; 0 and below: all. */
  readonly maxRecordSize: number;
  readonly ignoreFields: readonly string[];
  readonly rawRequestDecoded: boolean;
  readonly rawResponseDecoded: boolean;
}

/** One record edited. */
export type Edit = (record: AnalyticsRecord) => AnalyticsRecord;

/**
 * The edits as one function, or undefined where there is nothing to do. The edited record shares the bytes of the
 * original, which stays as it is: other routes read it.
 */
export function compileEdits(edits: Edits): Edit | undefined {
  const cleared = clearedSlots(edits);
  const payloads = payloadsOf(edits, cleared);
  if (!cleared.includes(1) && payloads.length === 0) return undefined;
  const plan = { cleared, payloads };
  return (record) => new EditedRecord(spanned(record), plan);
}

const known: ReadonlySet<string> = new Set(topLevelFields);
const isTopLevel = (name: string): name is TopLevelField => known.has(name);

/** 1 for every leaf that reads as Go's zero value. An object takes its leaves along. */
function clearedSlots({ omitDetailedRecording, ignoreFields }: Edits): Uint8Array {
  const names = ignoreFields.filter(isTopLevel);
  const cleared = new Uint8Array(slotCount);
  for (const [leaf, slot] of Object.entries(slotOf)) {
    const [top = ''] = leaf.split('.');
    if (names.some((name) => name === top)) cleared[slot] = 1;
  }
  if (omitDetailedRecording) {
    cleared[slotOf.raw_request] = 1;
    cleared[slotOf.raw_response] = 1;
  }
  return cleared;
}

function payloadsOf(edits: Edits, cleared: Uint8Array): readonly Payload[] {
  const limit = edits.maxRecordSize > 0 ? edits.maxRecordSize : Infinity;
  return [
    { slot: slotOf.raw_request, limit, isDecoded: edits.rawRequestDecoded },
    { slot: slotOf.raw_response, limit, isDecoded: edits.rawResponseDecoded },
  ].filter(({ slot, isDecoded }) => cleared[slot] === 0 && (isDecoded || limit < Infinity));
}
