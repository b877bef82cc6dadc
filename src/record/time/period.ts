/** What a zone's clocks show between two changes. */
export interface Period {
  /** Seconds east of UTC. */
  readonly offset: number;
  /** `CET`, `+0545`, `LMT`. */
  readonly abbreviation: string;
  /** Unix seconds; the end is not in it. */
  readonly start: number;
  readonly end: number;
}

/** The period an instant lies in. */
export type Zone = (seconds: number) => Period;
