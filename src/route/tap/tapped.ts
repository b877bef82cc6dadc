/** What somebody wants to see. */
export interface TapWish {
  /** Unique in the process. */
  readonly id: number;
  /** Names of routes; none: all. */
  readonly routes: readonly string[];
  /** An expression that was checked (docs/query.md); empty: any record. */
  readonly where: string;
  /** Most records a second. */
  readonly rate: number;
}

export interface TappedRecord {
  readonly route: string;
  readonly id: string;
  /** When it passed, in milliseconds since the epoch. */
  readonly at: number;
  /** Redacted, as JSON. */
  readonly record: string;
}

/** What came of a few records for one who listens. */
export interface Tapped {
  readonly listener: number;
  readonly records: readonly TappedRecord[];
  /** Records that passed and were not looked at, for lack of credit or time. */
  readonly skipped: number;
}
