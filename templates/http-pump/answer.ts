import {
  delivered,
  type HttpAnswer,
  judgeStatus,
  reject,
  type Verdict,
  withoutReason,
} from '#pump';

/**
 * What an answer means for each record of a request of `count` records. Only what is special about this server; what a
 * status means everywhere, `judgeStatus` knows.
 */
export function judgeAnswer(answer: HttpAnswer, count: number): Verdict {
  if (answer.status >= 200 && answer.status < 300) return delivered();
  const message = withoutReason(answer);
  // One record may have spoiled it: the courier halves a batch that is rejected as a whole, until that one is alone.
  if (answer.status === 400 || answer.status === 422) return reject({ kind: 'invalid', message });
  return judgeStatus(answer, { count, message });
}
