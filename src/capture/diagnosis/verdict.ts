/** What a diagnosis may find. Few words, for whoever looks for one in JSON. */
export type VerdictKind =
  | 'encrypted'
  | 'mixed'
  | 'filtered'
  | 'failed'
  | 'http2'
  | 'kernel-drops'
  | 'gaps'
  | 'evicted'
  | 'cut'
  | 'contradictions'
  | 'no-packets'
  | 'no-traffic'
  | 'one-direction'
  | 'other-protocol'
  | 'seen'
  | 'small'
  | 'tls-on-plain-port'
  | 'plain-on-tls-port'
  | 'unix-socket'
  | 'unparsed';

/** Why calls are seen, or why they are not: a sentence, what it follows from, and what to do. Nothing of a record, no secret. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** `problem`: calls are missing that could be seen; `note`: worth knowing; `ok`. */
  readonly severity: 'problem' | 'note' | 'ok';
  /** The port of the servers that it is about; undefined: all of what was seen. */
  readonly port: string | undefined;
  readonly words: string;
  /** Figures and names, as `3 handshakes for shop.example`. */
  readonly evidence: readonly string[];
  /** What would change it, the simplest first. */
  readonly next: readonly string[];
}

/** What a verdict stands on. */
export type Grounds = Pick<Verdict, 'evidence' | 'next'>;

/** Of all that was seen; one about a port says so itself. */
export const verdict = (
  kind: VerdictKind,
  severity: Verdict['severity'],
  words: string,
  grounds: Grounds,
): Verdict => ({ kind, severity, port: undefined, words, ...grounds });

/** What a source found out in an interval, for `/api/diagnostics` and for Redis. */
export interface SourceReport {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The most important one first; never empty. */
  readonly verdicts: readonly Verdict[];
  /** What they follow from, as plain data. */
  readonly counters: object;
}
