import type { RecordRules } from '../config/record-rules.ts';
import { ContractError } from '../lib/errors.ts';
import { compileQuery, type Selects } from '../query/compile.ts';
import { fieldsOf } from '../query/fields-of.ts';
import { parseQuery } from '../query/parse.ts';
import type { ChunkMemo } from '../record/chunk-memo.ts';
import { compileEdits, type Edits } from '../record/edit.ts';
import type { AnalyticsRecord, RecordKind } from '../record/record.ts';
import type { Alike } from './alike.ts';
import { type Alter, type AlterIn, enrichment, openAlterations } from './alter.ts';
import { addedFields } from './enrich/added-fields.ts';
import { openEnrichment } from './enrich/enrichment.ts';
import type { Places } from './enrich/places.ts';
import { compileSample, type Weigh } from './sample.ts';
import type { AlterNews, Step } from './step.ts';

export interface TreatmentParts {
  /** Of uptime records there is nothing to do but to redact them. */
  readonly records: RecordKind;
  readonly rules: RecordRules;
  /** What Tyk's own options do to a record. */
  readonly edits: Edits;
  readonly route: string;
  /** Shared by all routes of the thread. */
  readonly places: Places;
  readonly alike: Alike;
  /** Of what was redacted; as often as it happens. */
  readonly news: AlterNews;
}

/** What a route does to records before they are batched; each part undefined where there is nothing to do. */
export interface Treatment {
  readonly selects: Selects | undefined;
  readonly weigh: Weigh | undefined;
  /** `weight`: for how many records it stands; undefined: it was decided before. */
  readonly edit: ((record: AnalyticsRecord, weight?: number) => AnalyticsRecord) | undefined;
  /** `edit` for the records of a chunk that others edit alike; undefined: nobody does. */
  readonly editIn: (memo: ChunkMemo) => AlterIn | undefined;
  /** The part of `edit` that leaves no trace in the record's bytes: of a record that was edited, all there is left to do. */
  readonly editAgain: ((record: AnalyticsRecord) => AnalyticsRecord) | undefined;
}

/** Compiles the rules of a route, and loads what they need. Rejects for rules that a review would have refused. */
export async function openTreatment(parts: TreatmentParts): Promise<Treatment> {
  const { filter, sample, enrich: wanted } = parts.rules;
  const editAgain = compileEdits(parts.edits);
  const enrich = wanted && (await openEnrichment(wanted, parts));
  const alterations = await openAlterations(parts, enrich);
  const selecting = compilerFor(addedFields(wanted), enrich);
  return {
    selects: filter === '' ? undefined : selecting(filter),
    weigh:
      sample &&
      compileSample(
        sample,
        sample.rules.map(({ where, rate }) => ({ holds: selecting(where), rate })),
      ),
    edit: chained(alterations?.alter, editAgain),
    editIn(memo) {
      const alterIn = alterations?.alterIn?.(memo);
      return alterIn === undefined || editAgain === undefined
        ? alterIn
        : (record, index) => editAgain(alterIn(record, index));
    },
    editAgain,
  };
}

/**
 * Compiles expressions. One that names what is added looks at records as they will be; those that do not go on are not changed
 * for it. All others look at the bytes that the gateway wrote.
 */
function compilerFor(
  added: ReadonlySet<string>,
  enrich: Step | undefined,
): (text: string) => Selects {
  const enriched = enrich && lastOf(enrichment(enrich));
  return (text) => {
    const parsed = parseQuery(text);
    if (!parsed.ok) throw new ContractError('an expression was reviewed before it is used');
    const selects = compileQuery(parsed.query);
    const namesAdded = [...fieldsOf(parsed.query)].some((name) => added.has(name));
    return enriched === undefined || !namesAdded ? selects : (record) => selects(enriched(record));
  };
}

/** Several expressions ask for the same record, one after the other. */
function lastOf(alter: Alter): Alter {
  let last: AnalyticsRecord | undefined;
  let altered: AnalyticsRecord | undefined;
  return (record) => {
    if (record !== last || altered === undefined) altered = alter(record);
    last = record;
    return altered;
  };
}

function chained(alter: Alter | undefined, edit: Treatment['editAgain']): Treatment['edit'] {
  if (alter === undefined) return edit;
  if (edit === undefined) return alter;
  return (record, weight) => edit(alter(record, weight));
}
