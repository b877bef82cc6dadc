/**
 * What a row of a program does with the value at its slot (program.ts lays rows out, run.ts runs them). Whatever it says
 * nothing of is an exception: the interpreter writes that one value.
 */
export const kinds = {
  // Texts, copied and looked at eight bytes at a time (text.ts). The quotes around one are literals.

  /** With Go's escapes, whatever it holds. */
  jsonText: 0,
  /** With quotes where CSV wants them. */
  csvText: 1,
  /** The same; an exception where a spreadsheet might take it for a formula. */
  guardedText: 2,
  /** As it is. */
  plainText: 3,
  /** A tag of a point: behind the name in the second literal, and without it where it is empty. */
  tagText: 4,
  /** A field of a point. */
  fieldText: 5,
  /** Within a list of CSV, which has quotes around all of its texts: an exception where there might be any. */
  csvItem: 6,
  guardedItem: 7,
  /** With the escapes of COPY's text form, and U+FFFD for what no text of PostgreSQL holds. */
  copyText: 8,

  // Lists of texts; the second literal is for nil.

  jsonList: 9,
  csvList: 10,
  guardedList: 11,
  goList: 12,
  /** As JSON; an exception where that has a backslash. */
  copyList: 13,
  // The names of a city, in the same way.
  jsonNames: 14,
  csvNames: 15,
  goNames: 16,
  copyNames: 17,

  integer: 18,
  /** An exception below 0. */
  natural: 19,
  /** Its name. */
  month: 20,
  jsonFloat: 21,
  goFloat: 22,
  /** Without its fraction, and unsigned. */
  wholeFloat: 23,
  flag: 24,
  /** By the cell of the row, which keeps the text of the last second. */
  time: 25,
  /** A value that is nil: the second literal. */
  nil: 26,

  /** The rows up to the one named are for records with this flag. */
  when: 27,
  /** A comma, unless an object has just begun. */
  comma: 28,
  /** Always left to the interpreter. */
  exception: 29,
  /** Behind the last literal. */
  nothing: 30,

  // BSON, which has a run of its own (bson/run.ts). The second literal is the element's type and name.

  /** A document begins or ends: its size stands before it. */
  bsonOpen: 31,
  bsonClose: 32,
  bsonText: 33,
  /** Of 32 bits where it fits, else of 64. */
  bsonInteger: 34,
  bsonLong: 35,
  /** The same, an exception below 0. */
  bsonNatural: 36,
  bsonDouble: 37,
  bsonFlag: 38,
  bsonTime: 39,
  bsonList: 40,
  bsonNames: 41,

  /** JSON of what a text of base64 holds, its quotes too. The module of stretch/ writes it; else it is an exception. */
  jsonBase64: 42,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

/** Kinds up to this one are texts. */
export const lastText = kinds.copyText;
