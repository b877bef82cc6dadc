import { STATUS_CODES } from 'node:http';
import { answerOf } from '../../shared/relay/answer.ts';
import type { RequestHead, SourceAnswer, UpstreamFailure } from '../../shared/relay/decision.ts';

/** Why a call is not forwarded. */
export interface Refusal {
  readonly status: number;
  /** What the client reads: the gateway's sentence. */
  readonly words: string;
}

/** A gateway's error answer: JSON, or XML where the request was. */
export function answerAsTyk({ status, words }: Refusal, head: RequestHead): SourceAnswer {
  const type = (head.header('content-type') ?? '').split(';', 1).join('').trim();
  const isXml = type === 'application/xml' || type === 'text/xml';
  const body = isXml
    ? `<?xml version = "1.0" encoding = "UTF-8"?>\n<error>${xmlEscaped(words)}</error>`
    : `{\n    "error": ${jsonText(words)}\n}`;
  const contentType = isXml ? type : 'application/json';
  return {
    status,
    headers: ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(body))],
    body,
  };
}

/** Words of a token may be in it: never as mark-up, whatever shows it. */
const jsonText = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&']/g,
    (character) => String.raw`\u00${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const xmlEscaped = (text: string): string =>
  text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);

export function answer(refusal: Refusal, head: RequestHead, speaksAsTyk: boolean): SourceAnswer {
  return speaksAsTyk
    ? answerAsTyk(refusal, head)
    : answerOf(refusal.status, refusal.words, { head });
}

/** What a gateway says where an upstream gave no answer. */
export const failureAsTyk = ({ kind }: UpstreamFailure): Refusal =>
  kind === 'timeout'
    ? { status: 504, words: 'Upstream service reached hard timeout.' }
    : { status: 500, words: 'There was a problem proxying the request' };

/** For the record of a refused call: one of few kinds, and the status in words. */
export const errorOf = ({ status, words }: Refusal) => ({
  kind: 'denied',
  words: words === '' ? (STATUS_CODES[status] ?? 'refused') : words,
});
