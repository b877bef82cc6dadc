import type { Elements } from '../lib/elements.ts';
import type { Memory } from '../lib/region-pool.ts';
import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from './fields.ts';

/** A 64-bit integer: a number while it is exact, else a bigint. */
export type Integer = number | bigint;

/** An instant with its zone, as the reference would print it (tyk-pump.md, "MessagePack" and on). */
export interface RecordTime {
  /** Unix seconds; exact over the whole range of the wire. */
  readonly seconds: Integer;
  /** 0 … 999,999,999. */
  readonly nanos: number;
  /** IANA name, or `UTC`. MessagePack times are in the process's zone, protobuf ones in the record's. */
  readonly zone: string;
}

/** One GraphQL error. `path` is the list as the gateway sent it (integers as Integer, texts, …), or null. */
export interface GraphError {
  readonly message: string;
  readonly path: readonly unknown[] | null;
}

/**
 * One API call as the gateway saw it: a view over its bytes. Nothing is decoded until it is asked for, and nothing
 * can be changed: routes share records. A missing field reads as Go's zero value ('' · 0 · false · null list).
 * Everything here is total: bytes that cannot be read never become a record (see Chunk.undecodable).
 */
export interface AnalyticsRecord {
  readonly encoding: 'msgpack' | 'protobuf';
  /** The bytes as the gateway wrote them; what a dead letter keeps. Edits do not show here. */
  readonly bytes: Uint8Array;
  /** Number of them; asking it makes no view of them. */
  readonly size: number;
  /** Text; each invalid UTF-8 byte reads as U+FFFD. */
  text(field: TextField): string;
  /** The same as raw bytes: invalid UTF-8 survives. A view, not a copy. */
  utf8(field: TextField): Uint8Array;
  integer(field: IntegerField): Integer;
  float(field: FloatField): number;
  flag(field: FlagField): boolean;
  time(field: TimeField): RecordTime;
  /** The seconds of that time, for those who need no more. */
  seconds(field: TimeField): Integer;
  /** null where Go has a nil slice. */
  list(field: ListField): readonly string[] | null;
  /** `geo.city.names`; null where Go has a nil map. In wire order, last of equal keys wins. */
  cityNames(): ReadonlyMap<string, string> | null;
  /** `graphql_stats.Types`. */
  graphTypes(): ReadonlyMap<string, readonly string[] | null> | null;
  /** `graphql_stats.Errors`. */
  graphErrors(): readonly GraphError[] | null;
}

/** An element of the list that is no record, with the reason: what becomes a dead letter. */
export interface Undecodable {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly reason: string;
  /** Its size in bytes, where it is too large to be read: then `bytes` is empty, and it is in Redis alone. */
  readonly unread?: number;
}

/** The decoded elements of one range, shared by every route of the process. */
export interface Chunk {
  /** Number of elements, decodable or not. */
  readonly size: number;
  /** Memory held, for the cache. */
  readonly byteLength: number;
  /** What its records are views of, and nothing else is: whoever knows that nobody reads them may give it back. */
  readonly memory: readonly Buffer[];
  /** The record at `index` (0 … size − 1), or undefined where the element is undecodable. */
  record(index: number): AnalyticsRecord | undefined;
  readonly undecodable: readonly Undecodable[];
}

/** What a list holds: calls, or what the gateway found out about the upstreams that it looks after. */
export type RecordKind = 'analytics' | 'uptime';

/** One kind of records in one encoding of the gateway. */
export interface Decoder {
  readonly records: RecordKind;
  readonly name: 'msgpack' | 'protobuf';
  /** Appended to the list's name by the gateway. */
  readonly keySuffix: '' | '_protobuf';
  /**
   * Scans the elements of a range, into a table in `memory`. Never throws: what cannot be read is listed as undecodable.
   */
  scan(elements: Elements, memory?: Memory): Chunk;
  /** The same for elements that lie apart: they are copied. */
  decode(elements: readonly Uint8Array[]): Chunk;
}
