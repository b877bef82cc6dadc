import type { Upstream } from '../../shared/relay/decision.ts';

/** Something that is looked at time and again: whether an upstream can take calls. */
export interface Check {
  /** Whose it is; its records have both. */
  readonly api: string;
  readonly organisation: string;
  /** As its records show it. */
  readonly url: string;
  /** Where it looks, as `placeOf` has it: it speaks for the targets of its API at that place. */
  readonly place: string;
  readonly probe: Probe;
  readonly rhythm: Rhythm;
  /** Seconds until its records expire, for sinks that do so; 0: a hundred years, as the gateway has it. */
  readonly expiresAfter: number;
}

export interface Rhythm {
  /** Milliseconds from one look to the next. */
  readonly interval: number;
  /** Milliseconds that one may take. */
  readonly timeout: number;
  /** Looks in a row that must fail, or pass, until the upstream counts as unhealthy, or as healthy again. */
  readonly unhealthyAfter: number;
  readonly healthyAfter: number;
}

export type Probe = HttpProbe | TcpProbe;

export interface HttpProbe {
  readonly kind: 'http';
  readonly upstream: Upstream;
  readonly method: string;
  /** With its query. */
  readonly target: string;
  /** Names and values alternately, `Host` among them. */
  readonly headers: readonly string[];
  /** In base64; empty: none. */
  readonly body: string;
  readonly passes: Statuses;
}

/** Connects, with TLS where the upstream has it, and does as it is told. */
export interface TcpProbe {
  readonly kind: 'tcp';
  readonly upstream: Upstream;
  readonly commands: readonly { readonly does: 'send' | 'expect'; readonly text: string }[];
}

/** Ranges of statuses, both ends included. */
export type Statuses = readonly (readonly [from: number, to: number])[];

/** What one look found. */
export interface Sight {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds that it took. */
  readonly took: number;
  /** Of the answer; undefined: there was none in time, or not the one that was expected of a TCP service. */
  readonly status: number | undefined;
  /** Undefined: it passed. */
  readonly failure: string | undefined;
}

export const hasStatus = (ranges: Statuses, status: number): boolean =>
  ranges.some(([from, to]) => status >= from && status <= to);

/** `200`, `200-399`, or several with commas between; undefined: it is none of these. */
export function statusesOf(text: string): Statuses | undefined {
  const ranges: (readonly [number, number])[] = [];
  for (const part of text.split(',')) {
    const [, from = '', to = from] = /^\s*([1-5]\d\d)(?:-([1-5]\d\d))?\s*$/.exec(part) ?? [];
    if (from === '' || Number(from) > Number(to)) return undefined;
    ranges.push([Number(from), Number(to)]);
  }
  return ranges;
}

/** The same text for all that is at the same place. */
export const placeOf = ({ host, port, socketPath }: Upstream): string =>
  socketPath ?? `${host.toLowerCase()}:${port}`;
