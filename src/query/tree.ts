import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from '../record/fields.ts';
import type { Integer } from '../record/record.ts';

/**
 * A query as plain data (docs/query.md): what `parseQuery` makes of a text, `compileQuery` runs and `printQuery` writes.
 * Names are those of the record; friendly ones are resolved. Whatever else runs a query (SQL of the traffic viewer)
 * starts from here.
 */
export type Query = Everything | Every | Some | Not | Test;

/** Holds for every record. */
export interface Everything {
  readonly kind: 'everything';
}

/** All of at least two, none of which is itself an `and`. */
export interface Every {
  readonly kind: 'and';
  readonly terms: readonly Query[];
}

/** One of at least two, none of which is itself an `or`. */
export interface Some {
  readonly kind: 'or';
  readonly terms: readonly Query[];
}

export interface Not {
  readonly kind: 'not';
  readonly term: Query;
}

/** One look at a record. */
export type Test =
  | WordTest
  | TextTest
  | ExistsTest
  | FlagTest
  | NumberTest
  | NumberRangeTest
  | TimeTest
  | TimeRangeTest
  | AddressTest;

/** Free text: some text of `wordFields`, or a payload, fits, letter case ignored. */
export interface WordTest {
  readonly kind: 'word';
  readonly pattern: Pattern;
}

/** A value of the field fits as a whole. */
export interface TextTest {
  readonly kind: 'text';
  readonly field: TextSource;
  readonly pattern: Pattern;
  /** Of the letters A to Z; every other byte must be equal in any case. */
  readonly ignoresCase: boolean;
}

/**
 * The field says something: a text or list that is not empty, a number that is not 0, a flag that is set, a time after
 * 1970 began, a header that is there, a body that is not empty.
 */
export interface ExistsTest {
  readonly kind: 'exists';
  readonly field: TextSource | NumberField | FlagField | TimeField;
}

export interface FlagTest {
  readonly kind: 'flag';
  readonly field: FlagField;
  readonly value: boolean;
}

/** In the field's own unit: milliseconds, bytes. A bigint where a number would not be exact. */
export interface NumberTest {
  readonly kind: 'number';
  readonly field: NumberField;
  readonly operator: Comparison | '=';
  readonly value: Integer;
}

/** Both ends included; an end that is missing is open. */
export interface NumberRangeTest {
  readonly kind: 'number-range';
  readonly field: NumberField;
  readonly from?: Integer;
  readonly to?: Integer;
}

export interface TimeTest {
  readonly kind: 'time';
  readonly field: TimeField;
  readonly operator: Comparison;
  readonly instant: Instant;
}

/** From the first instant on, and before the second; an end that is missing is open. */
export interface TimeRangeTest {
  readonly kind: 'time-range';
  readonly field: TimeField;
  readonly from?: Instant;
  readonly before?: Instant;
}

/** The address is within the network. Those of version 4 written as version 6 (`::ffff:10.0.0.1`) are of version 4. */
export interface AddressTest {
  readonly kind: 'address';
  readonly field: 'ip_address';
  /** 4 or 16 bytes; those behind the prefix are 0. */
  readonly network: readonly number[];
  /** Bits of it that count. */
  readonly prefix: number;
}

/**
 * Texts in this order with anything between them: `['user-', '']` is `user-*`. The first begins the value, the last ends
 * it; one alone is the whole of it. Compared as UTF-8, so that bytes which are no UTF-8 equal no text.
 */
export type Pattern = readonly string[];

export type Comparison = '<' | '<=' | '>' | '>=';

export interface Instant {
  /** Unix seconds. */
  readonly seconds: number;
  readonly nanos: number;
}

export type NumberField = IntegerField | FloatField;

/** What has texts: one, several, or none. A test holds where one of them fits. */
export type TextSource = PlainSource | PayloadSource;

/** The texts of `geo.city.names`, the types of `graphql_stats.Types` and the messages of `graphql_stats.Errors`. */
export type PlainSource =
  | TextField
  | ListField
  | 'geo.city.names'
  | 'graphql_stats.Types'
  | 'graphql_stats.Errors';

/** Parts of the recorded HTTP messages; names of headers in small letters. */
export type PayloadSource =
  | 'body'
  | 'response.body'
  | `header.${string}`
  | `response.header.${string}`;
