import { type AnalyticsRecord, flagReader, type PathTemplates, pathTemplate } from '#pump';

export interface PathRules extends PathTemplates {
  readonly trackAll: boolean;
}

/** What the label `path` shows. */
export interface PathLabel {
  /** Whether that depends on the record's path; otherwise it is `unknownPath`. */
  readonly isShown: (record: AnalyticsRecord) => boolean;
  /** The flag that says so; undefined: it always does. */
  readonly shownIf: 'track_path' | undefined;
  /** The path, or the pattern it fits. */
  readonly shown: (path: string) => string;
}

export const unknownPath = 'unknown';

export const createPathLabel = (rules: PathRules): PathLabel => ({
  isShown: rules.trackAll ? () => true : flagReader('track_path'),
  shownIf: rules.trackAll ? undefined : 'track_path',
  shown: pathTemplate(rules),
});
