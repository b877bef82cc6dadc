import {
  type HttpAnswer,
  jsonMember,
  jsonOf,
  judgeStatus,
  type ReadAnswer,
  reject,
  retry,
  type Verdict,
  withoutReason,
} from '#pump';
import { readInt64, readMessage } from './read-proto.ts';

/** A request was taken, but for so many of the things in it; or it was not. */
export type Said =
  | { readonly ok: true; readonly refused: number }
  | { readonly ok: false; readonly verdict: Verdict };

const refused = (verdict: Verdict): Said => ({ ok: false, verdict });

type Answer = HttpAnswer & Pick<ReadAnswer, 'bytes'>;

/** What an answer over HTTP means for each record of a request of `count` records. */
export function judgeAnswer(answer: Answer, count: number): Said {
  const { status } = answer;
  const message = wordsOf(answer);
  if (status === 200 || status === 202 || status === 204) {
    const partly = refusedIn(answer);
    return partly === undefined
      ? refused(retry({ kind: 'unexpected', message: 'The answer is none of a receiver of OTLP.' }))
      : { ok: true, refused: partly };
  }
  // One record may have spoiled it: the courier halves a batch that is rejected as a whole, until that one is alone.
  if (status === 400 || status === 422) return refused(reject({ kind: 'invalid', message }));
  return refused(judgeStatus(answer, { count, message }));
}

/** The status alone: the receiver's words may repeat what a record holds. */
function wordsOf(answer: HttpAnswer): string {
  const { status, body, proxy } = answer;
  if (body === '') return withoutReason(answer);
  const words = `The receiver answered ${status}.`;
  return proxy === undefined ? words : `${words} Perhaps it was the proxy ${proxy}.`;
}

/** Undefined where the answer is something else: a page of a proxy. */
function refusedIn(answer: Answer): number | undefined {
  const { bytes, headers } = answer;
  if (bytes.length === 0) return 0;
  const type = String(headers['content-type'] ?? '');
  if (type.startsWith('application/json')) return refusedInJson(answer);
  return type.startsWith('text/') ? undefined : refusedInMessage(bytes);
}

const partialNames = ['partialSuccess', 'partial_success'];
const countNames = [
  ...['rejectedLogRecords', 'rejected_log_records'],
  ...['rejectedDataPoints', 'rejected_data_points'],
];

function refusedInJson(answer: HttpAnswer): number | undefined {
  const json = jsonOf(answer);
  if (typeof json !== 'object' || json === null) return undefined;
  for (const name of partialNames)
    for (const count of countNames) {
      const found = Number(jsonMember(jsonMember(json, name), count) ?? 0);
      if (found !== 0) return Number.isNaN(found) ? undefined : found;
    }
  return 0;
}

/** `Export…ServiceResponse { 1: partial_success { 1: rejected_… , 2: error_message } }`; undefined where it is no such message. */
export function refusedInMessage(bytes: Uint8Array): number | undefined {
  const answer = readMessage(bytes);
  if (answer === undefined) return undefined;
  const partial = answer.get(1);
  if (partial === undefined) return 0;
  const fields = partial instanceof Uint8Array ? readMessage(partial) : undefined;
  if (fields === undefined) return undefined;
  const count = fields.get(1) ?? 0n;
  return typeof count === 'bigint' ? readInt64(count) : undefined;
}
