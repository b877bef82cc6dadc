/** What the Admin API answers, as docs/openapi.json has it, as far as the console reads it. */

export type Role = 'viewer' | 'operator';

export interface Told {
  readonly by: string;
  readonly at: string;
}

export interface ListLook {
  readonly list: string;
  readonly records: 'analytics' | 'uptime';
  readonly encoding: string;
  readonly waiting: number;
  readonly expires_in_seconds: number | null;
  readonly segments: number;
  readonly retained_bytes: number;
}

export interface RouteHere {
  readonly state: 'paused' | 'opening' | 'running' | 'draining' | 'closing' | 'closed';
  readonly reason: string | null;
  readonly sink: { readonly state: 'up' | 'down' | 'unknown'; readonly since: string | null };
  readonly breaker: 'closed' | 'half-open' | 'open' | null;
  readonly pace: number;
  readonly in_flight: {
    readonly batches: number;
    readonly gathered: number;
    readonly bytes: number;
    readonly ranges: number;
  };
  readonly rates: {
    readonly delivered: number;
    readonly rejected: number;
    readonly filtered: number;
    readonly retried: number;
  };
  readonly last_error: {
    readonly at: string;
    readonly kind: string;
    readonly reason: string;
  } | null;
  readonly last_delivery: string | null;
  readonly age_seconds: number | null;
}

export interface Books {
  readonly claimed: number;
  readonly booked: Readonly<Record<string, number>>;
  readonly redelivered: number;
  readonly pending: number;
  readonly lag_seconds: number;
  readonly paused: Told | null;
}

export interface RouteOverview {
  readonly route: string;
  readonly pump: string | null;
  readonly here: RouteHere | null;
  readonly missing: string | null;
  readonly books: Books | null;
  readonly dead_letters: number | null;
}

export interface Overview {
  readonly at: string;
  readonly user: { readonly name: string; readonly role: Role };
  readonly instance: {
    readonly name: string;
    readonly version: string;
    readonly host: string;
    readonly since: string;
    readonly configuration: string;
  };
  readonly mode: 'at-least-once' | 'at-most-once';
  readonly claiming: { readonly state: string; readonly reasons: readonly string[] };
  readonly holding: boolean;
  readonly bound: {
    readonly retained_bytes: number;
    readonly at_bound: 'shed' | 'hold';
    readonly spills: boolean;
  };
  readonly problem: string | null;
  readonly lists: readonly ListLook[];
  readonly routes: readonly RouteOverview[];
  readonly foreign_lists: readonly { readonly list: string; readonly reason: string }[];
}

type Values = readonly (number | null)[];

export interface RouteHistory {
  readonly route: string;
  readonly delivered: Values;
  readonly rejected: Values;
  readonly retried: Values;
  readonly lag_seconds: Values;
  readonly pending: Values;
  readonly age_seconds: Values;
}

export interface HourOfNumbers {
  readonly every_seconds: number;
  readonly times: readonly number[];
  readonly waiting: Values;
  readonly retained_bytes: Values;
  readonly routes: readonly RouteHistory[];
}

export interface DeadLetter {
  readonly id: string;
  readonly route: string;
  readonly list: string;
  readonly kind: string;
  readonly reason: string;
  readonly attempts: number;
  readonly first: string;
  readonly last: string;
  readonly encoding: string;
  readonly bytes: number;
}

export interface WholeDeadLetter extends DeadLetter {
  readonly record: Readonly<Record<string, unknown>> | null;
  readonly base64: string;
}

export interface ReasonCount {
  readonly route: string;
  readonly kind: string;
  readonly reason?: string;
  readonly letters: number;
  readonly bytes: number;
  readonly first: string;
  readonly last: string;
}

export interface Option {
  readonly key: string;
  readonly value: unknown;
  readonly secret: boolean;
  readonly from: 'file' | 'variable' | 'preset' | 'default';
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly variable?: string;
  readonly preset?: string;
}

export interface Instance {
  readonly name: string;
  readonly here: boolean;
  readonly version: string | null;
  readonly seconds_ago: number | null;
  readonly host: string | null;
  readonly since: string | null;
  readonly configuration: string | null;
  readonly pumps: readonly { readonly route: string; readonly type: string }[] | null;
}
