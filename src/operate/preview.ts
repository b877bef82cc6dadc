/** What a route would make of records: what it filters, samples and edits, and the documents of its pump. Sends nothing. */
import { Alike } from '../edit/alike.ts';
import { Places } from '../edit/enrich/places.ts';
import { openTreatment } from '../edit/treatment.ts';
import { ByteWriter } from '../lib/byte-writer.ts';
import type { Clock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import { documentOf, documentRulesOf } from '../pump/document.ts';
import { fullShape } from '../record/full-shape.ts';
import { jsonWriter } from '../record/json/write.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { bothOf, compileFilter } from '../route/filter.ts';

export interface Preview {
  readonly route: string;
  readonly type: string;
  /** `documents`: as the pump declares them. `records`: the pump declares none, and makes something else of these. */
  readonly shows: 'documents' | 'records';
  readonly records: readonly PreviewedRecord[];
}

export interface PreviewedRecord {
  /** Which of those that were given, from 0. */
  readonly record: number;
  readonly outcome: 'sent' | 'filtered' | 'sampled-out';
  /** Of what is sent, as JSON. */
  readonly document: unknown;
}

export interface GivenRecord {
  readonly segment: string;
  readonly index: number;
  readonly record: AnalyticsRecord;
}

/** By the same functions, in the same order, as a route at work (route/reader.ts). */
export async function preview(
  { entry, pump, kind }: CheckedPump,
  given: readonly GivenRecord[],
  clock: Clock,
): Promise<Preview> {
  const { records, rules, name: route } = entry;
  const news = { redacted: () => undefined, redactedWhole: () => undefined };
  const places = new Places({ clock, log: silentLog });
  const treatment = await openTreatment({
    ...{ route, records, rules, edits: entry, places, alike: new Alike(), news },
  });
  const filter = bothOf(compileFilter(entry.filters), treatment.selects);
  const shape = documentOf(pump.document ?? fullShape, documentRulesOf(rules));
  const write = jsonWriter(shape);
  return {
    ...{ route, type: kind.type },
    shows: pump.document === undefined ? 'records' : 'documents',
    records: given.map(({ record, segment, index }, at): PreviewedRecord => {
      if (filter !== undefined && !filter(record))
        return { record: at, outcome: 'filtered', document: null };
      const weight = treatment.weigh?.(record, segment, index);
      if (weight === 0) return { record: at, outcome: 'sampled-out', document: null };
      const out = new ByteWriter();
      write(treatment.edit?.(record, weight) ?? record, out);
      const document: unknown = JSON.parse(out.view().toString());
      return { record: at, outcome: 'sent', document };
    }),
  };
}
