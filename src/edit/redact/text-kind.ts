/** What a text is, as far as it matters for what is found in it. */
export interface TextKind {
  /** A query or a form, or a piece of one: a value ends at `&` alone. */
  readonly isForm: boolean;
  /** Its end is missing: what may be the begin of something at its end counts as that. */
  readonly isCut: boolean;
  /** The head of a message: its lines are read elsewhere. */
  readonly isHead: boolean;
  /** Otherwise it is what an encoding gave that makes no sense. */
  readonly isText: boolean;
  /** How many encodings were undone for it. */
  readonly depth: number;
}

export const plainText: TextKind = {
  isForm: false,
  isCut: false,
  isHead: false,
  isText: true,
  depth: 0,
};

/** Encodings within encodings are undone up to here. */
export const mostDepth = 8;
