import type { RedactConfig } from '../config/record-rules.ts';
import type { Altered, ChunkMemo } from '../record/chunk-memo.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { bareRecord } from '../record/rewrite/bare.ts';
import { Draft } from '../record/rewrite/draft.ts';
import { Rewriter } from '../record/rewrite/rewriter.ts';
import { slotOf } from '../record/slots.ts';
import { unknownJson } from '../record/unknown-json.ts';
import { likenessOf } from './alike.ts';
import type { AlterNews, AlterParts, Step } from './step.ts';

/** Writes a record anew, or gives it back where nothing changes. */
export type Alter = (record: AnalyticsRecord, weight?: number) => AnalyticsRecord;

/** The same for the record at a place of a chunk, which another route may have altered already. */
export type AlterIn = (record: AnalyticsRecord, index: number) => AnalyticsRecord;

export interface Alterations {
  readonly alter: Alter;
  /** Undefined where no other route of the thread does the same. */
  readonly alterIn: ((memo: ChunkMemo) => AlterIn | undefined) | undefined;
}

/**
 * What changes the bytes of records, in this order: what is added sees the record as the gateway wrote it, and what is redacted
 * includes what was added. Undefined where there is nothing of it.
 */
export async function openAlterations(
  parts: AlterParts,
  enrich: Step | undefined,
): Promise<Alterations | undefined> {
  const { rules, edits, news, records } = parts;
  if (records === 'uptime') {
    const alter = rules.redact && (await uptimeRedaction(rules.redact, news));
    return alter && { alter, alterIn: undefined };
  }
  const found = new Found();
  const redact = rules.redact && (await redaction(rules.redact, { edits, news: found }));
  const isSampled = rules.sample !== undefined;
  const adds = added(enrich, {
    passesUnknown: rules.fields?.unknown === true,
    isGuarded: redact !== undefined,
  });
  if (adds === undefined && redact === undefined && !isSampled) return undefined;
  const make = alteration({ enrich: adds, redact, isSampled, news: found });
  return {
    alter(record, weight) {
      const altered = found.over(record, () => make(record, weight));
      tell(altered, news);
      return altered.record ?? record;
    },
    alterIn: alterInOf(parts, (record) => found.over(record, () => make(record))),
  };
}

/** Loaded by those alone who redact: it is a tenth of the program. */
async function redaction(
  config: RedactConfig,
  parts: Pick<AlterParts, 'edits' | 'news'>,
): Promise<Step | undefined> {
  const { openRedaction } = await import('./redact-record.ts');
  return openRedaction(config, parts);
}

async function uptimeRedaction(config: RedactConfig, news: AlterNews): Promise<Alter | undefined> {
  const { openUptimeRedaction } = await import('./redact-uptime.ts');
  return openUptimeRedaction(config, news);
}

/** What is not known of a record is added to it as a text of its own, so that it is redacted like any other. */
function added(
  enrich: Step | undefined,
  { passesUnknown, isGuarded }: { readonly passesUnknown: boolean; readonly isGuarded: boolean },
): Step | undefined {
  if (!passesUnknown) return enrich;
  return (record, draft) => {
    const unknown = unknownJson(record, isGuarded);
    if (unknown !== undefined) draft.setText(slotOf.unknown, Buffer.from(unknown));
    enrich?.(record, draft);
  };
}

/** What was found in the record at hand. */
class Found implements AlterNews {
  #values = 0;
  #whole: string | undefined;

  redacted(values: number): void {
    this.#values += values;
  }

  redactedWhole(reason: string): void {
    this.#whole ??= reason;
  }

  over(record: AnalyticsRecord, alter: () => AnalyticsRecord): Altered {
    this.#values = 0;
    this.#whole = undefined;
    return this.#said(record, alter());
  }

  #said(record: AnalyticsRecord, altered: AnalyticsRecord): Altered {
    const [redacted, whole] = [this.#values, this.#whole];
    const isSame = altered === record;
    if (isSame && redacted === 0 && whole === undefined) return untouched;
    return { record: isSame ? undefined : altered, redacted, whole };
  }
}

const untouched: Altered = { record: undefined, redacted: 0, whole: undefined };

/** Each route counts what was redacted of what it sends, whoever has done it. */
function tell({ redacted, whole }: Altered, news: AlterNews): void {
  if (redacted > 0) news.redacted(redacted);
  if (whole !== undefined) news.redactedWhole(whole);
}

function alterInOf(
  { rules, edits, route, alike, news }: AlterParts,
  make: (record: AnalyticsRecord) => Altered,
): Alterations['alterIn'] {
  const likeness = likenessOf(rules, edits);
  if (likeness === undefined) return undefined;
  alike.add(likeness, route);
  return (memo) =>
    alike.isShared(likeness)
      ? (record, index) => {
          const altered = memo.of(likeness, index, () => make(record));
          tell(altered, news);
          return altered.record ?? record;
        }
      : undefined;
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
