import { type EndedCall, exchangeOf } from './exchange-of.ts';
import type { RelayParts } from './parts.ts';

/** What is left to do when nothing more goes to the client: it is counted, recorded, and the source hears of it. */
export function endCall(call: EndedCall & { readonly started: number }, parts: RelayParts): void {
  const { meter, context } = parts;
  const { decision, answer, error, upstreamTime, requestBody, answerBody } = call;
  const total = context.clock.elapsed() - call.started;
  meter.ended({
    status: answer?.status ?? 0,
    total,
    upstream: upstreamTime,
    fromClient: requestBody.length,
    toClient: answerBody.length,
  });
  if (error !== undefined) meter.failed(error.kind);
  if (context.isRecording && decision?.isRecorded !== false)
    context.record(exchangeOf(call, total, parts));
  requestBody.forget();
  answerBody.forget();
  if (decision?.kind === 'forward')
    decision.onEnd?.({ status: upstreamTime === undefined ? undefined : answer?.status, error });
}
