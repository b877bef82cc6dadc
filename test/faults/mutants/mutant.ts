/** A build that is broken on purpose: one place of the compiled code is replaced. */
export interface Mutant {
  readonly name: string;
  /** What somebody might get wrong. */
  readonly about: string;
  /** The fault whose runs must notice. */
  readonly fault: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** Below `dist`, where each source is a file of its own. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly replace: string;
  readonly by: string;
}
