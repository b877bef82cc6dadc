import {
  delivered,
  type HttpAnswer,
  judgeStatus,
  reject,
  retry,
  type Verdict,
  withoutReason,
} from '#pump';

/** What statuses mean here, by the whole one or by its class: `409`, `5xx`. */
export type Statuses = Readonly<Record<string, string>>;

/**
 * What an answer means for each record of a request of `count` records. What the operator or the preset says of a status
 * counts first. Of success the status alone is believed: what a body says about some of the records names none of them in a
 * way that all servers share, and a status that speaks of a part (206, 207) is no success.
 */
export function judgeAnswer(answer: HttpAnswer, count: number, statuses: Statuses): Verdict {
  const { status } = answer;
  const message = wordsOf(answer);
  switch (statuses[status] ?? statuses[`${Math.floor(status / 100)}xx`]) {
    case 'delivered':
      return delivered();
    // One record may have spoiled it: the courier halves a batch that is rejected as a whole, until that one is alone.
    case 'reject':
      return reject({ kind: 'invalid', message });
    case 'retry':
      return retried(answer, message);
    default:
      return judgeUsual(answer, count, message);
  }
}

function judgeUsual(answer: HttpAnswer, count: number, message: string): Verdict {
  const { status } = answer;
  if (status === 206 || status === 207) return retry({ kind: 'unexpected', message });
  if (status >= 200 && status < 300) return delivered();
  if (status === 400 || status === 422) return reject({ kind: 'invalid', message });
  return judgeStatus(answer, { count, message });
}

/** As another server would be, but never halved and never given up for its size. */
function retried(answer: HttpAnswer, message: string): Verdict {
  const { status, retryAfter } = answer;
  return status === 413
    ? retry({ kind: 'unexpected', message }, retryAfter)
    : judgeStatus(answer, { count: 1, message });
}

/** The status alone: of the server's words nobody knows what they repeat of a record. A line of the level debug has them. */
const wordsOf = (answer: HttpAnswer): string =>
  answer.body === '' ? withoutReason(answer) : `The server answered ${answer.status}.`;
