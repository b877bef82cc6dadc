import { classify, explainOutage, type Failure, judgeStatus, retry, type Verdict } from '#pump';
import { refusedInMessage, type Said } from '../answer.ts';
import type { Ended, Headers } from './call.ts';
import { messageIn } from './frame.ts';
import { judgeCall } from './status.ts';

/** A request of so many records, and to whom it went. */
interface Sent {
  readonly count: number;
  readonly where: string;
}

/** What it means for each record of a request how that ended. */
export async function meaningOf(ended: Ended, { count, where }: Sent): Promise<Said> {
  const { httpStatus, headers, body } = ended;
  const status = textOf(headers['grpc-status']);
  if (status === '') {
    const isForeign = httpStatus !== undefined && httpStatus !== 200;
    return refused(isForeign ? judgeForeign(httpStatus, count) : retry(outageOf(ended, where)));
  }
  if (status !== '0') {
    const message = textOf(headers['grpc-message']);
    const details = textOf(headers['grpc-status-details-bin']);
    return refused(judgeCall({ status: Number(status), message, details }, count));
  }
  const message = await messageIn(body);
  const partly = message && refusedInMessage(message);
  return partly === undefined
    ? refused(retry({ kind: 'unexpected', message: 'The answer is none of a receiver of OTLP.' }))
    : { ok: true, refused: partly };
}

const refused = (verdict: Verdict): Said => ({ ok: false, verdict });

/** Something before the receiver spoke. */
const judgeForeign = (status: number, count: number): Verdict =>
  judgeStatus({ status }, { count, message: `The server answered ${status}, not as gRPC does.` });

function outageOf({ error, isAborted }: Ended, where: string): Failure {
  if (isAborted)
    return { kind: 'timeout', message: `No answer from ${where} before the deadline.` };
  if (error === undefined)
    return { kind: 'unreachable', message: `No answer from ${where}: other side closed.` };
  const verdict = classify(error);
  const kind = verdict.outcome === 'delivered' ? 'unexpected' : verdict.failure.kind;
  const reason = explainOutage(error).replace(/\.$/, '');
  return { kind, message: `No answer from ${where}: ${reason}.`, cause: error };
}

const textOf = (header: Headers[string]): string =>
  typeof header === 'string' ? header : (header?.[0] ?? '');
