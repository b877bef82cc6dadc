/** What can be asked of stored calls, wherever they are stored. One test suite holds each implementation to it (port-suite.testing.ts). */
import type { Query } from '../../query/tree.ts';
import type { AnalyticsRecord } from '../../record/record.ts';

export interface TrafficReader {
  /** The newest first. Asked again with `next`, what follows. */
  page(question: PageQuestion): Promise<Page>;
  /** What came since, in the order of arrival. Without `since` nothing, and where a later question goes on. */
  arrivals(question: ArrivalQuestion): Promise<Arrivals>;
  /** How many in each stretch of time. */
  histogram(question: Question & { readonly buckets: number }): Promise<Histogram>;
  /** How many of each value of a field, the most frequent first. */
  groups(question: Question & { readonly by: GroupField; readonly limit: number }): Promise<Groups>;
  /** Whole records by record id; those that are not there are left out. */
  records(ids: readonly string[]): Promise<ReadonlyMap<string, AnalyticsRecord>>;
  close(): void;
}

export interface Question {
  readonly query: Query;
  /** Most bytes of records to look through where no index decides; left out: 256 MiB. */
  readonly mostBytes?: number;
}

export interface PageQuestion extends Question {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface ArrivalQuestion extends Question {
  readonly limit: number;
  readonly since?: string;
}

/** What each answer says of itself. */
export interface Completeness {
  /** It looked through `mostBytes` and stopped: there may be more than it says. */
  readonly isStopped: boolean;
  /** Parts of the store that could not be read. */
  readonly unread: readonly string[];
}

export interface Page extends Completeness {
  readonly calls: readonly StoredCall[];
  /** Undefined: that was all. */
  readonly next: string | undefined;
}

export interface Arrivals extends Completeness {
  readonly calls: readonly StoredCall[];
  readonly at: string;
}

/** A call in a row. */
export interface StoredCall {
  /** Record id. */
  readonly id: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly apiId: string;
  readonly apiName: string;
  /** 0: no answer. */
  readonly status: number;
  /** Milliseconds. */
  readonly latency: number;
}

export interface Histogram extends Completeness {
  /** Microseconds. */
  readonly width: number;
  readonly buckets: readonly Bucket[];
}

export interface Bucket {
  /** Microseconds since 1970. */
  readonly from: number;
  readonly calls: number;
  /** Of these: status 5xx, or no answer. */
  readonly errors: number;
}

export const groupFields = [
  ...['api_id', 'api_name', 'api_key', 'org_id', 'host', 'method', 'path', 'ip_address'],
  ...['user_agent', 'alias', 'response_code'],
] as const;

export type GroupField = (typeof groupFields)[number];

export interface Groups extends Completeness {
  readonly groups: readonly Group[];
  /** There are more than `limit`. */
  readonly isCut: boolean;
}

export interface Group {
  readonly value: string;
  readonly calls: number;
  readonly errors: number;
  /** Milliseconds, mean of all. */
  readonly latency: number;
}
