import {
  type FailureKind,
  kindOfStatus,
  type Millis,
  reject,
  retry,
  type Verdict,
  withoutReason,
} from '#pump';
import { member, text } from './json.ts';

/** Why a server refused, in its own words. */
export interface ServerError {
  readonly type: string;
  readonly reason: string;
}

/** The error in an answer or an item; undefined where there is none of that form. */
export function serverErrorOf(holder: unknown): ServerError | undefined {
  const error = member(holder, 'error');
  // Before version 2 the error was one text: `MapperParsingException[failed to parse]; nested: …`.
  const line = text(error);
  if (line !== undefined) return { type: /^\w*/.exec(line)?.[0] ?? '', reason: line };
  const type = text(member(error, 'type'));
  return type === undefined ? undefined : { type, reason: text(member(error, 'reason')) ?? '' };
}

export interface Refusal {
  readonly status: number;
  readonly error: ServerError | undefined;
  readonly retryAfter?: Millis | undefined;
  readonly proxy?: string | undefined;
}

/**
 * What a refusal means for the records it is about. Only what a record itself is to blame for is a reject; what the
 * operator or time will mend is a retry, for the data is safe.
 */
export function judgeRefusal(refusal: Refusal): Verdict {
  const { status, retryAfter } = refusal;
  const again = (kind: FailureKind): Verdict =>
    retry({ kind, message: describe(refusal) }, retryAfter);
  const kind = isBlocked(refusal) ? 'unexpected' : kindOfStatus(status);
  if (kind === 'oversize') return reject({ kind, message: describe(refusal) });
  const isAboutRecords =
    kind === 'unexpected' && status >= 400 && status < 500 && !passing.has(status);
  if (!isAboutRecords || isInnocent(refusal)) return again(kind);
  return reject({ kind: 'invalid', message: describe(refusal) });
}

/** An index that is not there yet, a conflict with another writer, a block: not the record's fault. */
const passing: ReadonlySet<number> = new Set([403, 404, 409]);

/** 403 for a block on the index or the cluster (read-only, disk full), not for a lack of rights. */
const isBlocked = ({ status, error }: Refusal): boolean =>
  status === 403 && error !== undefined && /block|closed/i.test(error.type);

const innocentTypes = new Set([
  'cluster_block_exception',
  'index_closed_exception',
  'index_not_found_exception',
  'invalid_index_name_exception',
  'invalid_type_name_exception',
  'security_exception',
  // "this cluster currently has [1000]/[1000] maximum shards open": a new index cannot be made.
  'validation_exception',
]);

/** Reasons that are about the configuration of the server or of this pump, whatever the error's type. */
const innocentReasons = new RegExp(
  [
    /^pipeline with id \[/,
    /no write index is defined/,
    /op_type of create/,
    /maximum (?:normal )?shards open/,
    /unrecognized parameter/,
    // A `version` that is not the server's: a type where there are none, or none where one is wanted.
    /unknown parameter \[_type\]/,
    /Invalid type: expecting/,
    /type is missing/,
    /more than 1 type/,
    // A `document_type` that no mapping type may have.
    /^mapping type name \[/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** A 400 that any record would have received. */
const isInnocent = ({ error }: Refusal): boolean =>
  error !== undefined && (innocentTypes.has(error.type) || innocentReasons.test(error.reason));

const longestReason = 300;

/** The server's words, without the record's content that some of them repeat. */
export function describe({ status, error, proxy }: Refusal): string {
  if (error === undefined)
    return withoutReason(proxy === undefined ? { status } : { status, proxy });
  const reason = error.reason
    .replace(/\.?\s*Preview of field's value: [^]*$/, '')
    .replace(/\.?\s*The prefix of the first immense term[^]*$/, '')
    .replace(/(failed to parse date field|For input string:) ?(?:\[[^\]]*\]|"[^"]*")/g, '$1 […]')
    .replace(/^'[^]*' is not an IP/, '[…] is not an IP');
  const short = reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason;
  return `The server answered ${status} ${error.type}: ${short}`;
}
