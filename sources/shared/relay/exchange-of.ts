import { STATUS_CODES } from 'node:http';
import type { Exchange } from '#source';
import type { BodyKeeper } from './body-keeper.ts';
import type { Decision, UpstreamFailure } from './decision.ts';
import type { RawHeaders } from './headers.ts';
import type { RelayParts } from './parts.ts';
import type { AnswerHead, ClientSide, UpstreamSide } from './sides.ts';

export interface EndedCall {
  readonly client: ClientSide;
  readonly startedAt: number;
  readonly requestBody: BodyKeeper;
  readonly answerBody: BodyKeeper;
  readonly decision: Decision | undefined;
  readonly answer: AnswerHead | undefined;
  readonly error: UpstreamFailure | undefined;
  /** Milliseconds that the upstream took to the head of its answer; undefined: it gave none. */
  readonly upstreamTime: number | undefined;
  readonly server: UpstreamSide['server'];
}

/** What was seen of a call that has ended. `total`: milliseconds. */
export function exchangeOf(
  call: EndedCall,
  total: number,
  { source, direction }: Pick<RelayParts, 'source' | 'direction'>,
): Exchange {
  const { client, decision, answer } = call;
  const { head, connection } = client;
  const request = {
    method: head.method,
    target: decision?.recordedTarget ?? head.target,
    host: head.host,
    rawHeaders: decision?.recordedHeaders ?? head.rawHeaders,
    httpVersion: head.httpVersion,
    body: call.requestBody.copy(),
  };
  return {
    source,
    direction,
    startedAt: call.startedAt,
    latency: { total, upstream: call.upstreamTime ?? 0 },
    client: connection.client,
    server: call.server,
    scheme: connection.tls === undefined ? 'http' : 'https',
    tls: connection.tls,
    isOpaque: false,
    request,
    response:
      answer === undefined
        ? undefined
        : {
            status: answer.status,
            reason: answer.reason === '' ? (STATUS_CODES[answer.status] ?? '') : answer.reason,
            rawHeaders: answer.rawHeaders,
            httpVersion: answer.httpVersion,
            body: call.answerBody.copy(),
          },
    // As HTTP/1.1 writes a head: HTTP/2 compresses it, and what is left of it says nothing about the call.
    bytesIn:
      head.method.length +
      head.target.length +
      12 +
      size(head.rawHeaders) +
      call.requestBody.length,
    bytesOut:
      answer === undefined
        ? 0
        : 17 + answer.reason.length + size(answer.rawHeaders) + call.answerBody.length,
    error: call.error,
    call: decision?.call ?? {},
  };
}

/** With `: ` and the end of the line. */
function size(raw: RawHeaders): number {
  let length = raw.length * 2;
  for (const part of raw) length += part.length;
  return length;
}
