import type { Role } from '../../config/config.ts';
import type { ApiParts } from './parts.ts';
import type { Schema } from './schema.ts';

/** What stands before the path of every endpoint. */
export const apiPrefix = '/api/v1';

/**
 * One thing that can be asked of the Admin API: how it is called, who may, what it answers, and what does it. The table of
 * all is `endpoints.ts`, which says how one is added.
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Behind the prefix: `/routes/{route}/pause`; a part in braces is whatever stands there, percent-decoded. */
  readonly path: string;
  /** What changes something needs the operator. */
  readonly role: Role;
  /** Unique, in lower case with hyphens: `list-routes`. */
  readonly id: string;
  /** The chapter of the OpenAPI file that it stands in. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What the parts of `path` in braces are. */
  readonly places?: Readonly<Record<string, string>>;
  /** What may stand behind the `?`: others are refused. */
  readonly query?: Readonly<Record<string, Parameter>>;
  /** What the body of a request must be; left out: it has none. */
  readonly body?: Schema;
  readonly answer: {
    readonly description: string;
    readonly schema: Schema;
    /** A line of JSON each, of which `schema` says what one is; left out: one document. */
    readonly isLines?: true;
  };
  /** Statuses beside those that any endpoint may have (openapi.ts), and when: `{ 404: 'There is no such route.' }`. */
  readonly refusals?: Readonly<Record<number, string>>;
  /** Redis is asked: while it is away, the answer is 503 and `handle` is not called. */
  readonly needsRedis: boolean;
  /** Rejects for what nobody expected, which is 500, or for a Redis that goes away, which is 503. */
  readonly handle: (asked: Asked, parts: ApiParts) => Promise<Answer> | Answer;
}

export interface Parameter {
  readonly doc: string;
  readonly schema: Schema;
  /** May be there several times; its value is a list. */
  readonly isList?: true;
}

/** A request as `handle` sees it: checked against what the endpoint declares. */
export interface Asked {
  readonly places: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Who asks, for the log. */
  readonly user: string;
  readonly role: Role;
  /** Aborts when the client has gone, time is up, or the service stops. */
  readonly signal: AbortSignal;
}

export type Answer =
  | { readonly kind: 'json'; readonly value: object }
  /** Written as it is read; what fails on the way breaks the connection, so that nobody takes it for the whole. */
  | { readonly kind: 'lines'; readonly values: AsyncIterable<object> }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string };

/** Names may be in camelCase: they are sent in snake_case (operate/json.ts). */
export const answered = (value: object): Answer => ({ kind: 'json', value });

export const refused = (status: number, reason: string): Answer => ({
  kind: 'refused',
  status,
  reason,
});
