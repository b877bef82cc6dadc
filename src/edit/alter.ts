import type { AnalyticsRecord } from '../record/record.ts';
import { bareRecord } from '../record/rewrite/bare.ts';
import { Draft } from '../record/rewrite/draft.ts';
import { Rewriter } from '../record/rewrite/rewriter.ts';
import { openRedaction } from './redact-record.ts';
import { openUptimeRedaction } from './redact-uptime.ts';
import type { AlterNews, AlterParts, Step } from './step.ts';

/** Writes a record anew, or gives it back where nothing changes. */
export type Alter = (record: AnalyticsRecord, weight?: number) => AnalyticsRecord;

/**
 * What changes the bytes of records, in this order: what is added sees the record as the gateway wrote it, and what is redacted
 * includes what was added. Undefined where there is nothing of it.
 */
export async function openAlterations(
  parts: AlterParts,
  enrich: Step | undefined,
): Promise<Alter | undefined> {
  const { rules, news, records } = parts;
  if (records === 'uptime') return rules.redact && openUptimeRedaction(rules.redact, news);
  const redact = rules.redact && (await openRedaction(rules.redact, parts));
  const isSampled = rules.sample !== undefined;
  if (enrich === undefined && redact === undefined && !isSampled) return undefined;
  return alteration({ enrich, redact, isSampled, news });
}

/** What is added alone. */
export const enrichment = (enrich: Step): Alter =>
  alteration({ enrich, redact: undefined, isSampled: false, news: noNews });

const noNews: AlterNews = { redacted: () => undefined, redactedWhole: () => undefined };

interface Steps {
  readonly enrich: Step | undefined;
  readonly redact: Step | undefined;
  readonly isSampled: boolean;
  readonly news: AlterNews;
}

/**
 * The steps as one function, which never throws: what fails would fail again, and the route would stand still. Where something
 * was to be redacted, what is left then is what no caller wrote.
 */
export function alteration({ enrich, redact, isSampled, news }: Steps): Alter {
  const draft = new Draft();
  const rewriter = new Rewriter();
  return (record, weight) => {
    try {
      draft.begin(record);
      if (isSampled && weight !== undefined) draft.setNumber('sample_weight', weight);
      enrich?.(record, draft);
      redact?.(record, draft);
      return draft.isChanged ? rewriter.rewrite(record, draft) : record;
    } catch {
      if (redact === undefined) return record;
      news.redactedWhole('error');
      return bareRecord(record);
    }
  };
}
