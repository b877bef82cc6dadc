import type { RecordRules } from '../config/record-rules.ts';
import type { Edits } from '../record/edit.ts';
import type { AnalyticsRecord, RecordKind } from '../record/record.ts';
import type { Draft } from '../record/rewrite/draft.ts';
import type { Alike } from './alike.ts';

export interface AlterNews {
  /** Values were redacted in a record. */
  redacted(values: number): void;
  /** What could not be looked through was redacted as a whole. */
  redactedWhole(reason: string): void;
}

export interface AlterParts {
  /** Of uptime records there is nothing to do but to redact them. */
  readonly records: RecordKind;
  readonly rules: RecordRules;
  readonly edits: Pick<Edits, 'omitDetailedRecording' | 'ignoreFields'>;
  readonly route: string;
  /** Shared by all routes of the thread. */
  readonly alike: Alike;
  readonly news: AlterNews;
}

/** A step of it: says in the draft what shall be otherwise. */
export type Step = (record: AnalyticsRecord, draft: Draft) => void;
