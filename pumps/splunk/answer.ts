import {
  delivered,
  type FailureKind,
  type HttpAnswer,
  jsonMember,
  jsonOf,
  judgeStatus,
  kindOfStatus,
  reject,
  retry,
  type Verdict,
  withoutReason,
} from '#pump';

/** What a request was. */
export interface Sent {
  readonly count: number;
  /** It had all records of the batch. */
  readonly isWholeBatch: boolean;
}

/** What the collector says of all events of a request. */
export function judgeAnswer(answer: HttpAnswer, sent: Sent): Verdict {
  const { status } = answer;
  const code = codeOf(answer);
  if (status === 200) return code === undefined || code === 0 ? delivered() : strange(answer);
  if (status === 400) return judgeEvents(answer, sent);
  const { count } = sent;
  return judgeStatus(answer, { count, message: wordsOf(answer), kind: kindOf(status) });
}

/** 503 of the collector: its queues are full, or it is being shut down. */
const kindOf = (status: number): FailureKind =>
  status === 503 ? 'throttled' : kindOfStatus(status);

/** Codes that are about events: data format, event missing, event blank, indexed fields. The others are about us. */
const eventCodes: ReadonlySet<unknown> = new Set([6, 12, 13, 15]);

function judgeEvents(answer: HttpAnswer, sent: Sent): Verdict {
  if (!isAboutEvents(answer)) return strange(answer);
  const message = wordsOf(answer);
  // The courier halves a batch that is rejected as one; a part of it comes again as a batch of its own.
  const isForCourier = sent.isWholeBatch || sent.count === 1;
  return isForCourier
    ? reject({ kind: 'invalid', message })
    : retry({ kind: 'unexpected', message });
}

const isAboutEvents = (answer: HttpAnswer): boolean =>
  answer.status === 400 && eventCodes.has(jsonMember(jsonOf(answer), 'code'));

/** Which of several events the collector blames for refusing all: a place in the request, and no more than its word. */
export function blamedEvent(answer: HttpAnswer, { count }: Sent): number | undefined {
  const number = jsonMember(jsonOf(answer), 'invalid-event-number');
  const isPlace = typeof number === 'number' && Number.isInteger(number) && number >= 0;
  return isPlace && number < count && count > 1 && isAboutEvents(answer) ? number : undefined;
}

/** Whether the events around the blamed one were taken is not promised: they come again, perhaps a second time. */
export const besideBlamed = (answer: HttpAnswer): Verdict =>
  retry({ kind: 'unexpected', message: `With others in one request: ${wordsOf(answer)}` });

const strange = (answer: HttpAnswer): Verdict =>
  retry({ kind: 'unexpected', message: wordsOf(answer) });

/** What the collector says of an empty request, once token and channel are as they should be. */
export const noData = 5;

/** Codes that say the token will take nothing: disabled, required, no authorisation, invalid, index, channel missing. */
const tokenCodes: ReadonlySet<unknown> = new Set([1, 2, 3, 4, 7, 10]);
export const isAboutToken = (code: unknown): boolean => tokenCodes.has(code);

export const codeOf = (answer: HttpAnswer): unknown => jsonMember(jsonOf(answer), 'code');

const hints: ReadonlyMap<unknown, string> = new Map([
  [7, '; the token may not write to its index'],
  [10, '; the token wants indexer_acknowledgement'],
  [14, '; the token has no indexer acknowledgement'],
]);

/** The collector's words: `{"text":"Invalid token","code":4}`. */
export function wordsOf(answer: HttpAnswer): string {
  const body = jsonOf(answer);
  const text = jsonMember(body, 'text');
  const code = jsonMember(body, 'code');
  if (typeof text !== 'string') return withoutReason(answer);
  const number = typeof code === 'number' ? ` (code ${code})` : '';
  return `The collector answered ${answer.status}: ${text.slice(0, 200)}${number}${hints.get(code) ?? ''}`;
}
