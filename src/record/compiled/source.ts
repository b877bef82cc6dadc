import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { FlagField, FloatField, IntegerField, TimeField } from '../fields.ts';
import type { Integer } from '../record.ts';
import type { Row } from './row.ts';
import type { CopyText } from './text.ts';
import type { PutTime } from './time.ts';

/** Writes one value from `to` on and gives the offset after it, or below 0 if it cannot. The room must be there. */
export type Step = (row: Row, out: ByteWriter, to: number) => number;

export type PutInteger = (value: Integer, out: ByteWriter, to: number) => number;
export type PutFloat = (value: number, out: ByteWriter, to: number) => number;

/** How the texts of a list are joined. */
export interface Joint {
  readonly before: string;
  readonly between: number;
  readonly after: string;
  /** For a list that is nil. */
  readonly nil: string;
}

/** Fields that few records have. */
export type RareField = 'geo.city.names' | 'graphql_stats.Types' | 'graphql_stats.Errors';

/** The steps of one encoding: each knows how its bytes hold a value, and is told how to write it. */
export interface Source {
  readonly isSet: (field: FlagField) => (row: Row) => boolean;
  /** Whether that is null; where it may be and is not, the interpreter says what is. */
  readonly isNull: (field: RareField) => (row: Row) => boolean;
  readonly text: (slot: number, copy: CopyText) => Step;
  readonly integer: (field: IntegerField, put: PutInteger) => Step;
  readonly float: (field: FloatField, put: PutFloat) => Step;
  readonly time: (field: TimeField, put: PutTime) => Step;
  readonly list: (slot: number, copy: CopyText, joint: Joint) => Step;
}
