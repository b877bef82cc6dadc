import type { RecordRules } from '../config/record-rules.ts';
import { ContractError } from '../lib/errors.ts';
import { compileQuery, type Selects } from '../query/compile.ts';
import { parseQuery } from '../query/parse.ts';
import { compileEdits, type Edits } from '../record/edit.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { type Alter, openAlterations } from './alter.ts';
import type { Places } from './enrich/places.ts';
import { compileSample, type Weigh } from './sample.ts';
import type { AlterNews } from './step.ts';

export interface TreatmentParts {
  readonly rules: RecordRules;
  /** What Tyk's own options do to a record. */
  readonly edits: Edits;
  /** Shared by all routes of the thread. */
  readonly places: Places;
  /** Of what was redacted; as often as it happens. */
  readonly news: AlterNews;
}

/** What a route does to records before they are batched; each part undefined where there is nothing to do. */
export interface Treatment {
  readonly selects: Selects | undefined;
  readonly weigh: Weigh | undefined;
  /** `weight`: for how many records it stands; undefined: it was decided before. */
  readonly edit: ((record: AnalyticsRecord, weight?: number) => AnalyticsRecord) | undefined;
  /** The part of `edit` that leaves no trace in the record's bytes: of a record that was edited, all there is left to do. */
  readonly editAgain: ((record: AnalyticsRecord) => AnalyticsRecord) | undefined;
}

/** Compiles the rules of a route, and loads what they need. Rejects for rules that a review would have refused. */
export async function openTreatment(parts: TreatmentParts): Promise<Treatment> {
  const { filter, sample } = parts.rules;
  const editAgain = compileEdits(parts.edits);
  const alter = await openAlterations(parts);
  return {
    selects: filter === '' ? undefined : selecting(filter),
    weigh:
      sample &&
      compileSample(
        sample,
        sample.rules.map(({ where, rate }) => ({ holds: selecting(where), rate })),
      ),
    edit: chained(alter, editAgain),
    editAgain,
  };
}

function selecting(text: string): Selects {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new ContractError('an expression was reviewed before it is used');
  return compileQuery(parsed.query);
}

function chained(alter: Alter | undefined, edit: Treatment['editAgain']): Treatment['edit'] {
  if (alter === undefined) return edit;
  if (edit === undefined) return alter;
  return (record, weight) => edit(alter(record, weight));
}
