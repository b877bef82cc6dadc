import type { AnalyticsRecord } from '../record/record.ts';
import { Draft } from '../record/rewrite/draft.ts';
import { Rewriter } from '../record/rewrite/rewriter.ts';
import { openEnrichment } from './enrich/enrichment.ts';
import { openRedaction } from './redact-record.ts';
import type { AlterParts } from './step.ts';

/** Writes a record anew, or gives it back where nothing changes. */
export type Alter = (record: AnalyticsRecord, weight?: number) => AnalyticsRecord;

/**
 * What changes the bytes of records, in this order: what is added sees the record as the gateway wrote it, and what is redacted
 * includes what was added. Undefined where there is nothing of it.
 */
export async function openAlterations(parts: AlterParts): Promise<Alter | undefined> {
  const { rules } = parts;
  const enrich = rules.enrich && (await openEnrichment(rules.enrich, parts));
  const redact = rules.redact && (await openRedaction(rules.redact, parts));
  const isSampled = rules.sample !== undefined;
  if (enrich === undefined && redact === undefined && !isSampled) return undefined;
  const draft = new Draft();
  const rewriter = new Rewriter();
  return (record, weight) => {
    draft.begin(record);
    if (isSampled && weight !== undefined) draft.setNumber('sample_weight', weight);
    enrich?.(record, draft);
    redact?.(record, draft);
    return draft.isChanged ? rewriter.rewrite(record, draft) : record;
  };
}
