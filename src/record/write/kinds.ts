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

  // Lists of texts; the second literal is for nil.

  jsonList: 8,
  csvList: 9,
  guardedList: 10,
  goList: 11,
  // The names of a city, in the same way.
  jsonNames: 12,
  csvNames: 13,
  goNames: 14,

  integer: 15,
  /** An exception below 0. */
  natural: 16,
  /** Its name. */
  month: 17,
  jsonFloat: 18,
  goFloat: 19,
  /** Without its fraction, and unsigned. */
  wholeFloat: 20,
  flag: 21,
  /** By the cell of the row, which keeps the text of the last second. */
  time: 22,
  /** A value that is nil: the second literal. */
  nil: 23,

  /** The rows up to the one named are for records with this flag. */
  when: 24,
  /** A comma, unless an object has just begun. */
  comma: 25,
  /** Always left to the interpreter. */
  exception: 26,
  /** Behind the last literal. */
  nothing: 27,

  // BSON, which has a run of its own (bson/run.ts). The second literal is the element's type and name.

  /** A document begins or ends: its size stands before it. */
  bsonOpen: 28,
  bsonClose: 29,
  bsonText: 30,
  /** Of 32 bits where it fits, else of 64. */
  bsonInteger: 31,
  bsonLong: 32,
  /** The same, an exception below 0. */
  bsonNatural: 38,
  bsonDouble: 33,
  bsonFlag: 34,
  bsonTime: 35,
  bsonList: 36,
  bsonNames: 37,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

/** Kinds up to this one are texts. */
export const lastText = kinds.guardedItem;
