import {
  type Batch,
  Delivery,
  delivered,
  type HttpAnswer,
  jsonMember,
  jsonOf,
  judgeStatus,
  reject,
  retry,
  type Verdict,
  withoutReason,
} from '#pump';
import { type Lines, lineAt } from './line-encoder.ts';

/** What a server of the line protocol (`/write`, `/api/v2/write`) did with the lines of a batch. */
export function judgeWrite(answer: HttpAnswer, batch: Batch, lines: Lines): Delivery {
  if (answer.status === 204) return Delivery.whole(batch, delivered());
  const message = serverMessage(answer);
  const isAboutLines = answer.status === 400 || answer.status === 422;
  if (!isAboutLines || message === undefined || isInnocent(withoutContent(message)))
    return Delivery.whole(
      batch,
      judgeStatus(answer, { count: batch.size, message: describeWrite(answer, message) }),
    );
  return judgeRefusal({ answer, message, batch, lines });
}

/** `{"error": …}` in version 1, `{"code": …, "message": …}` since. */
export function serverMessage(answer: HttpAnswer): string | undefined {
  const body = jsonOf(answer);
  const message = jsonMember(body, 'error') ?? jsonMember(body, 'message');
  return typeof message === 'string' ? message : undefined;
}

/** A refusal that every line would have got. */
const isInnocent = (message: string): boolean =>
  /database is required|retention policy not found|(?:bucket|organization|org)\b.*(?:not found|required)/i.test(
    message,
  );

interface Refusal {
  readonly answer: HttpAnswer;
  readonly message: string;
  readonly batch: Batch;
  readonly lines: Lines;
}

/**
 * Lines that are named are rejected. Where the server only tells how many it dropped, and these are not all, the batch
 * is rejected as one: the courier then halves it until the culprits are alone. What was stored already is stored again
 * under the same time and tags, which changes nothing.
 */
function judgeRefusal({ answer, message, batch, lines }: Refusal): Delivery {
  const words = describeWrite(answer, message);
  const refused = (): Verdict => reject({ kind: 'invalid', message: words });
  const named = namedLines(message);
  const isNamed = batch.entries.map((_, index) => named.has(lineAt(lines, index)));
  const found = isNamed.filter(Boolean).length;
  if (found > 0 && found === named.size) {
    // A partial write has stored the others; version 2 stores nothing of a request with a malformed line.
    const others = message.includes('partial write')
      ? delivered()
      : retry({ kind: 'unexpected', message: `With others in one request: ${words}` });
    return Delivery.each(batch, (_, index) => (isNamed[index] === true ? refused() : others));
  }
  const dropped = Number(/dropped=(\d+)/.exec(message)?.[1] ?? 0);
  return dropped >= batch.size ? Delivery.each(batch, refused) : Delivery.whole(batch, refused());
}

const opening = "unable to parse '";

/** The lines that the server says it cannot read. It repeats them whole, each with its reason behind `': `. */
function namedLines(message: string): ReadonlySet<string> {
  const [, ...parts] = message.split(opening);
  return new Set(
    parts.map((part) => {
      const end = part.lastIndexOf("': ");
      return end < 0 ? part : part.slice(0, end);
    }),
  );
}

const longestReason = 300;

/** The server's words, without what some of them repeat of the record. */
export function describeWrite(
  answer: Pick<HttpAnswer, 'status' | 'proxy'>,
  message: string | undefined,
): string {
  if (message === undefined) return withoutReason(answer);
  const reason = withoutContent(message);
  const short = reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason;
  return `The server answered ${answer.status}: ${short}`;
}

const withoutContent = (message: string): string =>
  message
    .replace(/'[^]*'/, '[…]')
    .replace(/\b(value|parsing)([= ])"[^]*?"(?= dropped| \(|:|$)/g, '$1$2[…]');
